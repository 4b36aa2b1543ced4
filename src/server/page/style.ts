/**
 * The style of the page.
 *
 * @module
 */

/** CSS for light and dark screens. */
export const style: string = String.raw`
:root { color-scheme: light dark; --line: light-dark(#ccc, #444); --good: light-dark(#067, #5cd); --bad: light-dark(#b00, #f77); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 1rem auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
h1 { font-size: 1.4rem; margin: 0; flex: 1; }
#status[data-state="connected"] { color: var(--good); }
#status[data-state="waiting"], #status[data-state="ended"], .bad { color: var(--bad); }
[hidden] { display: none !important; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; align-items: center; }
input[type="text"], input[type="password"] { flex: 1; min-width: 8rem; }
input, button, select { font: inherit; padding: .25rem .5rem; }
canvas { width: 100%; height: 12rem; border: 1px solid var(--line); box-sizing: border-box; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .25rem 1rem; margin: .75rem 0; }
dt { font-size: .8rem; opacity: .7; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
dl > div { border-left: 2px solid var(--line); padding-left: .5rem; }
#log { list-style: none; padding: .5rem; margin: 0; border: 1px solid var(--line); height: 10rem; overflow-y: auto; overflow-wrap: anywhere; white-space: pre-wrap; }
#members ~ #log { height: 20rem; }
#members { list-style: none; display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0; margin: .5rem 0; font-weight: 600; }
`;
