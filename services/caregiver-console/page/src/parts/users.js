/** Who may log in: for a technician. */

import { useEffect, useState } from "preact/hooks";

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { Choice } from "./choices.js";
import { Icon } from "./icons.js";

const ROLES = ["caregiver", "technician", "viewer"];
const MIN_PIN = 6;
const NOBODY = { name: "", pin: "", role: "caregiver" };

export function Users() {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [users, setUsers] = useState([]);
  const [trouble, setTrouble] = useState("");
  const load = () => session.get("/api/users").then((answer) => setUsers(answer.users));
  useEffect(() => void load().catch(() => {}), []);

  const attempt = async (change) => {
    try {
      await change();
      await load();
      setTrouble("");
      return true;
    } catch (error) {
      setTrouble(error.message || text("said.unreachable"));
      return false;
    }
  };

  return html`<section class="card">
    <h2>${text("users.title")}</h2>
    <ul class="users">
      ${users.map(
        (user) => html`<li key=${user.name}>
          <${Icon} name="person" />
          <b>${user.name}</b>
          <span>${text(`role.${user.role}`)}</span>
          <button
            type="button"
            class="button square"
            aria-label=${text("users.remove", { name: user.name })}
            onClick=${() => attempt(() => session.remove(`/api/users/${encodeURIComponent(user.name)}`))}
          >
            <${Icon} name="cross" />
          </button>
        </li>`,
      )}
    </ul>
    <${UserForm} onAdd=${(user) => attempt(() => session.post("/api/users", user))} />
    <p class="trouble" role="alert">${trouble}</p>
  </section>`;
}

function UserForm({ onAdd }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const [user, setUser] = useState(NOBODY);
  const change = (values) => setUser((before) => ({ ...before, ...values }));
  const submit = async (event) => {
    event.preventDefault();
    if (await onAdd({ ...user, name: user.name.trim() })) setUser(NOBODY);
  };
  return html`<form onSubmit=${submit} autocomplete="off">
    <h3>${text("users.add")}</h3>
    <label class="field">
      <span>${text("login.name")}</span>
      <input type="text" maxlength="40" autocomplete="off" value=${user.name} onInput=${(event) => change({ name: event.target.value })} />
    </label>
    <label class="field">
      <span>${text("users.pin")}</span>
      <input
        type="password"
        inputmode="numeric"
        autocomplete="new-password"
        maxlength="12"
        value=${user.pin}
        onInput=${(event) => change({ pin: event.target.value.replace(/\D/g, "") })}
      />
    </label>
    <${Choice}
      title=${text("users.role")}
      value=${user.role}
      options=${ROLES.map((value) => ({ value, label: text(`role.${value}`) }))}
      onChange=${(role) => change({ role })}
    />
    <button type="submit" class="button" disabled=${!user.name.trim() || user.pin.length < MIN_PIN}>${text("users.save")}</button>
  </form>`;
}
