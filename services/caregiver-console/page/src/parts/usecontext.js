/** Where the chair is used. In school and at work no feeling is read from a face, unless on a ground of record. */

import { useEffect, useState } from "preact/hooks";

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "./icons.js";
import { Choice } from "./choices.js";

const GROUNDS = ["medical", "safety"];

export function UseContext({ isTechnician }) {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [context, setContext] = useState(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    session.get("/api/context").then(setContext).catch(() => {});
  }, []);
  const record = async (ground) => {
    try {
      setContext(await session.post("/api/context", ground));
      setTrouble("");
    } catch (error) {
      setTrouble(error.message || text("said.unreachable"));
    }
  };
  if (!context) return null;
  const restricted = ["school", "work"].includes(context.use_context);
  return html`<section class="card">
    <h2>${text("context.title")}</h2>
    <p><b>${text(`context.${context.use_context}`)}</b></p>
    <p class="notice">
      <${Icon} name=${context.face_allowed ? "camera" : "alert"} />
      <span>${text(context.face_allowed ? "context.allowed" : "context.forbidden")}</span>
    </p>
    ${restricted && html`<p class="soft">${text("context.why")}</p>`}
    ${context.ground &&
    html`<p>${text(`context.ground.${context.ground.kind}`)}: ${context.ground.text} (${context.ground.by},
        ${speaker.dateTime(new Date(context.ground.time))})
        ${isTechnician && html`<button type="button" class="button" onClick=${() => record({ kind: null })}>${text("context.take-back")}</button>`}</p>`}
    ${restricted && isTechnician && !context.ground && html`<${GroundForm} onRecord=${record} />`}
    <p class="trouble" role="alert">${trouble}</p>
  </section>`;
}

function GroundForm({ onRecord }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const [kind, setKind] = useState("medical");
  const [why, setWhy] = useState("");
  const submit = (event) => {
    event.preventDefault();
    onRecord({ kind, text: why.trim() });
  };
  return html`<form onSubmit=${submit}>
    <${Choice}
      title=${text("context.ground")}
      value=${kind}
      options=${GROUNDS.map((value) => ({ value, label: text(`context.ground.${value}`) }))}
      onChange=${setKind}
    />
    <label class="field">
      <span>${text("context.ground.text")}</span>
      <textarea rows="3" maxlength="1000" value=${why} onInput=${(event) => setWhy(event.target.value)}></textarea>
    </label>
    <button type="submit" class="button" disabled=${!why.trim()}>${text("context.record")}</button>
  </form>`;
}
