/** Templates: `html` makes Preact's nodes of a tagged template, without a compiler. */

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
