/** Starts the page: the caregiver's, or at `/child` the child's. */

import { render } from "preact";

import { App } from "./app.js";
import { ChildPage } from "./pages/child.js";
import { createSession } from "./base/api.js";
import { createCommander, followStates } from "./base/connection.js";
import { html } from "./base/html.js";
import { askScenarios } from "./base/scenarios.js";
import { createStore } from "./base/store.js";
import { createTraces } from "./base/traces.js";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/session.css";
import "./styles/forms.css";
import "./styles/child.css";

const store = createStore();
const session = createSession((me) => {
  const before = store.get("me");
  store.merge({ me });
  // Both ways are opened with the cookie that there is then.
  if (before && before.name !== me.name) [states, commander].forEach((way) => way.renew());
});
const states = followStates(store);
const commander = createCommander(session);
const traces = createTraces(store);
const page = location.pathname.startsWith("/child") ? ChildPage : App;

askScenarios(session, store);
session.refresh().catch(() => store.merge({ me: { name: null } }));
render(
  html`<${page} shared=${{ store, session, commander, traces }} />`,
  document.getElementById("page"),
);
