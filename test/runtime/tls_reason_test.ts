import assert from "node:assert/strict";
import { test } from "node:test";
import { tlsReason } from "../../src/runtime/tls_reason.ts";

test("an authority's own certificate on a server, which Deno refuses, is told with what is wanted", () => {
  const error = new Error("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))");
  assert.match(tlsReason(error)!, /authority \(CA:TRUE\).*expected one with CA:FALSE$/);
  assert.equal(tlsReason(new Error("connection reset")), undefined);
});
