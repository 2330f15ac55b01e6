// The page's words: t("practise.submit"), t("practise.words", { n: 3 }), and numbers and times as the language has them.
import catalogue from "../messages/en.js";

export const language = document.documentElement.lang;
// Numbers and dates as the reader has them, where that is a kind of the page's language: en-GB for en.
const locale = navigator.languages.find((one) => one === language || one.startsWith(`${language}-`)) ?? language;
const plurals = new Intl.PluralRules(language);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => shown(values[name] ?? whole));
const shown = (value) => (typeof value === "number" ? number(value) : String(value));

/** A message; its plural form goes by `values.n`. */
export function t(name, values = {}) {
  const message = catalogue[name];
  if (message === undefined) throw new Error(`there is no message ${name}`);
  return fill(typeof message === "string" ? message : (message[plurals.select(values.n)] ?? message.other), values);
}

/** Whether there is such a message, for names that are made from data. */
export const has = (name) => name in catalogue;

/** At most two decimals. */
export const number = (value) => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);

/** A share from 0 to 1 as a whole percentage. */
export const percent = (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share);

/** A date and time of day. */
export const moment = (iso) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** "a", "a and b", "a, b and c". */
export const list = (words) => new Intl.ListFormat(language).format(words);
