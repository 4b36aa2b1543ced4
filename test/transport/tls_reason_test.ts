import assert from "node:assert/strict";
import { test } from "node:test";
import { tlsReason } from "../../src/transport/tls_reason.ts";

test("an authority's own certificate on a server, which Deno refuses, is told with what is wanted", () => {
  const error = new Error("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))");
  assert.match(tlsReason(error)!, /authority \(CA:TRUE\).*CA:FALSE is wanted$/);
  assert.equal(tlsReason(new Error("connection reset")), undefined);
});
