/** Names for commands: the server answers one that it has answered before the same again. */

/** 128 random bits in hex. `crypto.randomUUID` is missing where there is no TLS. */
export function commandId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
