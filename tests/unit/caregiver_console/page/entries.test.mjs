import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { enter } from "../../../../services/caregiver-console/page/src/base/entries.js";

/** A server that answers with one status after the other, and a log that is there. */
function shared(statuses, log = true) {
  const asked = [];
  const session = {
    post: async (path, entry) => {
      asked.push(entry);
      const status = statuses.shift();
      if (status !== 201) throw Object.assign(new Error(), { status });
    },
  };
  return { asked, session, store: { get: () => ({ log }) } };
}

test("an entry of a session that the log does not know yet is entered again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const server = shared([404, 404, 201]);
  const kept = enter(server, { kind: "rating" });
  for (let second = 0; second < 2; second += 1) {
    await new Promise(setImmediate);
    mock.timers.tick(1000);
  }
  assert.equal(await kept, true);
  assert.equal(server.asked.length, 3);
  mock.timers.reset();
});

test("what is refused, and what no log is there for, is not", async () => {
  for (const status of [0, 403, 409, 422]) {
    const server = shared([status]);
    assert.equal(await enter(server, {}), false);
    assert.equal(server.asked.length, 1);
  }
  assert.equal(await enter(shared([], false), {}), false);
});
