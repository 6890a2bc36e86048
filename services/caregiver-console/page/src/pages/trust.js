/** How another screen comes to trust this console: by the device's own authority, whose mark is compared. */

import { useEffect, useState } from "preact/hooks";

import { addressFor, inGroups } from "../base/trust.js";
import { useConsole } from "../base/console.js";
import { html } from "../base/html.js";
import { Icon } from "../parts/icons.js";
import { QrCode } from "../parts/qrcode.js";

export function TrustPage() {
  const { session, speaker } = useConsole();
  const { text } = speaker;
  const [authority, setAuthority] = useState(null);
  useEffect(() => {
    session.get("/api/authority").then(setAuthority).catch(() => setAuthority({}));
  }, []);
  if (!authority) return null;
  if (!authority.fingerprint) {
    return html`<div class="after">
      <section class="card">
        <h1>${text("page.trust")}</h1>
        <p class="notice"><${Icon} name="alert" /><span>${text("trust.none")}</span></p>
      </section>
    </div>`;
  }
  const address = addressFor(location, authority.names);
  return html`<div class="start trust">
    <section class="card">
      <h1>${text("page.trust")}</h1>
      <p>${text("trust.why")}</p>
      <ol>
        <li>${text("trust.scan")}</li>
        <li>${text("trust.warned")}</li>
        <li>${text("trust.compare")}</li>
        <li>${text("trust.install")}</li>
        <li>${text("trust.again")}</li>
      </ol>
      <p class="row">
        <a class="button main-action" href="/ca.crt" download="calmloop-ca.crt"><${Icon} name="down" />${text("trust.download")}</a>
      </p>
      <p class="missing-line"><${Icon} name="alert" /><span>${text("trust.differs")}</span></p>
    </section>
    <section class="card">
      <h2>${text("trust.address")}</h2>
      <${QrCode} data=${`${address}/#trust`} label=${address} />
      <p><code>${address}</code></p>
      <h2>${text("trust.mark")}</h2>
      <p class="mark">${inGroups(authority.fingerprint).map((group) => html`<code key=${group}>${group}</code> `)}</p>
    </section>
  </div>`;
}
