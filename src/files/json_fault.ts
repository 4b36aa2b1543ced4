/**
 * The place where a text stops being JSON.
 *
 * @module
 */

const token =
  // deno-lint-ignore no-control-regex -- those that JSON wants escaped
  /[ \t\r\n]*([{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/**
 * The line, from 1, with the first token that cannot stand where it does (RFC 8259); the last line where the text is cut
 * short. The engines' own messages give a position only at times, and quote the text, which may be secret.
 */
export function jsonFaultLine(text: string): number {
  const open: string[] = [];
  /** The tokens that may come next: `]` and `}` also where nothing was read yet. */
  let next: "value" | "value or ]" | "key" | "key or }" | ":" | ", or end" = "value";
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text)?.[1];
    if (found === undefined) break;
    const inside = open.at(-1);
    const isString = found[0] === '"';
    if (next === ":") {
      if (found !== ":") break;
      next = "value";
    } else if ((found === "}" || found === "]") && (next === ", or end" || next.endsWith(found))) {
      if (inside !== found) break;
      open.pop();
      next = ", or end";
    } else if (next === ", or end") {
      if (found !== "," || inside === undefined) break;
      next = inside === "}" ? "key" : "value";
    } else if (next.startsWith("key")) {
      if (!isString) break;
      next = ":";
    } else if (found === "{" || found === "[") {
      open.push(found === "{" ? "}" : "]");
      next = found === "{" ? "key or }" : "value or ]";
    } else if (isString || /^[-\dtfn]/.test(found)) {
      next = ", or end";
    } else {
      break;
    }
    at = token.lastIndex;
  }
  const gap = /^\s*/.exec(text.slice(at))![0].length;
  return text.trimEnd().slice(0, at + gap).split("\n").length;
}
