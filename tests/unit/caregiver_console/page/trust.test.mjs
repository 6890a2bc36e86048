import assert from "node:assert/strict";
import { test } from "node:test";

import { addressFor, inGroups } from "../../../../services/caregiver-console/page/src/base/trust.js";

test("another screen is led to a name, not to itself", () => {
  const own = { protocol: "https:", hostname: "127.0.0.1", port: "8480" };
  assert.equal(addressFor(own, ["calmloop.local"]), "https://calmloop.local:8480");
  assert.equal(addressFor(own, []), "https://127.0.0.1:8480");
  assert.equal(addressFor({ ...own, hostname: "192.168.1.7", port: "" }, ["calmloop.local"]), "https://192.168.1.7");
});

test("a fingerprint is compared by groups", () => {
  assert.deepEqual(inGroups("0123456789abcdef01"), ["01234567", "89abcdef", "01"]);
});
