/** Recorded states in place of the server, for `npm run dev` alone. */

import { readFileSync } from "node:fs";

const PERIOD_MS = 100;

/** Answers `/api` from `dev/states/NAME.json`; `?state=NAME` in the page's address chooses. */
export function recordedStates() {
  let chosen = "running";
  const states = () =>
    JSON.parse(readFileSync(new URL(`./states/${chosen}.json`, import.meta.url), "utf8"));

  const answer = (response, body, status = 200) => {
    response.statusCode = status;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(body));
  };

  const stream = (request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    const send = (data) => response.write(`event: state\ndata: ${JSON.stringify(data)}\n\n`);
    const { topics } = states();
    send(topics);
    let seq = 0;
    const timer = setInterval(() => {
      if (!topics["chair/state"]) return;
      seq += 1;
      const swing = 1 + 0.2 * Math.sin(seq / 40);
      const chair = structuredClone(topics["chair/state"]);
      for (const name of ["vibration_pct", "sound_pct"]) chair.applied[name] *= swing;
      send({ "chair/state": chair, "session/state": topics["session/state"] });
    }, PERIOD_MS);
    request.on("close", () => clearInterval(timer));
  };

  return {
    name: "recorded-states",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const { pathname, searchParams } = new URL(request.url, "http://localhost");
        if (searchParams.has("state")) chosen = searchParams.get("state");
        if (!pathname.startsWith("/api/")) return next();
        if (pathname === "/api/events") return stream(request, response);
        const { answers } = states();
        if (pathname === "/api/commands") return answer(response, { outcome: "sent", reason: "" });
        return pathname in answers
          ? answer(response, answers[pathname])
          : answer(response, { reason: "not recorded" }, 404);
      });
    },
  };
}
