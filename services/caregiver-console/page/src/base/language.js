/** The words of the page, and numbers and dates as each language writes them. */

import de from "../languages/de.json";
import en from "../languages/en.json";
import lt from "../languages/lt.json";
import lv from "../languages/lv.json";

export const CATALOGUES = { en, de, lt, lv };
export const NAMES = { en: "English", de: "Deutsch", lt: "Lietuvių", lv: "Latviešu" };
const KEPT_AS = "calmloop-language";

/** The language chosen last on this device, else the browser's first that there is, else English. */
export function preferredLanguage(storage = localStorage, wished = navigator.languages) {
  const kept = storage.getItem(KEPT_AS);
  if (kept in CATALOGUES) return kept;
  return wished.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in CATALOGUES) ?? "en";
}

export const keepLanguage = (code, storage = localStorage) => storage.setItem(KEPT_AS, code);

/** What speaks one language. */
export function speakerOf(code) {
  const catalogue = CATALOGUES[code];
  const plural = new Intl.PluralRules(code);

  /** A text by its key, with `{name}` filled in. One with `count` may differ by number. */
  const text = (key, values = {}) => {
    const byNumber = "count" in values ? `${key}.${plural.select(values.count)}` : key;
    const found = catalogue[byNumber] ?? catalogue[`${key}.other`] ?? catalogue[key] ?? key;
    return found.replace(/\{(\w+)\}/g, (whole, name) =>
      name in values ? shown(values[name]) : whole,
    );
  };

  const number = (value, digits = 0) =>
    new Intl.NumberFormat(code, { maximumFractionDigits: digits }).format(value);
  const shown = (value) => (typeof value === "number" ? number(value, 1) : value);

  return {
    code,
    text,
    has: (key) => key in catalogue,
    number,
    /** Of a hundred, as the language writes it. */
    percent: (value) =>
      new Intl.NumberFormat(code, { style: "percent", maximumFractionDigits: 0 }).format(
        value / 100,
      ),
    time: (date) =>
      new Intl.DateTimeFormat(code, { hour: "2-digit", minute: "2-digit" }).format(date),
    dateTime: (date) =>
      new Intl.DateTimeFormat(code, { dateStyle: "medium", timeStyle: "short" }).format(date),
    /** The title of a scenario in this language, else its own. */
    title: (scenario) => scenario.titles?.[code] ?? scenario.title ?? scenario.name,
  };
}
