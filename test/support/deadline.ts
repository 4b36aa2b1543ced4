/** Waits until a condition holds; throws after `ms` milliseconds. */
export async function within(holds: () => boolean, what: string, ms = 10_000): Promise<void> {
  for (const end = performance.now() + ms; !holds();) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
