/** What another screen needs to know of this console. Pure. */

const OWN = /^(localhost|127\.|\[?::1)/;
const GROUP = 8;

/** Where another screen finds it: on the device itself, by the first name that the server answers to. */
export function addressFor({ protocol, hostname, port }, names = []) {
  const name = OWN.test(hostname) && names.length ? names[0] : hostname;
  return `${protocol}//${name}${port ? `:${port}` : ""}`;
}

/** A fingerprint in groups that a person can compare. */
export function inGroups(fingerprint) {
  return fingerprint.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
}
