// How the things of a rubric are called.
import { has, t } from "./messages.js";

/** A topic's name: from the catalogue for the bank's topics, made readable for others. */
export function topicName(topic) {
  if (!topic) return t("graded.no_topic");
  if (has(`topic.${topic}`)) return t(`topic.${topic}`);
  const words = topic.replaceAll("-", " ");
  return words[0].toLocaleUpperCase() + words.slice(1);
}

/** A level's name: levels are a rubric's own, so that only the usual ones are in the catalogue. */
export const levelName = (level) => (has(`level.${level}`) ? t(`level.${level}`) : level);

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’_-]*/gu;

/** How many words a text has. */
export const countWords = (text) => text.match(WORD)?.length ?? 0;
