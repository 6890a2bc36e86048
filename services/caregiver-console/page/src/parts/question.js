/** What only a person can tell: the engine asks, and lowers or holds until it is answered. */

import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { questionOf } from "../base/words.js";
import { Icon } from "./icons.js";
import { useCommand } from "./said.js";

export function Question({ session }) {
  const { speaker } = useConsole();
  const { text } = speaker;
  const command = useCommand();
  const question = questionOf(session.question);
  return html`<div class="question-place" role="alert">
    ${question &&
    html`<section class="card question">
      <${Icon} name="question" size=${32} />
      <h2>${question.kind ? text(`question.${question.kind}`) : html`<span lang="en">${session.question}</span>`}</h2>
      <div class="row">
        ${question.answers.map(
          (answer) => html`<button
            type="button"
            class="button"
            key=${answer}
            onClick=${() => command("answer", { answer })}
          >
            ${text(`answer.${answer}`)}
          </button>`,
        )}
      </div>
    </section>`}
  </div>`;
}
