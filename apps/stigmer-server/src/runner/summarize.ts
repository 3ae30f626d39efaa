import nlp from 'compromise/two';
import { paragraphsOf, plainText } from './plain-text.ts';
import { type Terms, textRank } from './text-rank.ts';

/** What {@link summarize} takes. */
export interface SummarizeOptions {
  /** At most so many sentences. */
  readonly maxSentences: number;
}

/** Of a longer text only the beginning is read: time and memory grow with the square of its sentences. */
export const MAX_SUMMARIZED_CHARACTERS = 256 * 1024;
/** Sentences that are compared, each with every other. */
const MAX_COMPARED = 1_000;
/** A sentence with fewer terms is a heading, a greeting or a fragment; one with more is a list. */
const MIN_TERMS = 3;
const MAX_TERMS = 60;
/** Parts of speech that carry meaning. */
const MEANINGFUL = ['Noun', 'Verb', 'Adjective'];
const MEANINGLESS = ['Pronoun', 'Auxiliary', 'Copula', 'Modal'];

/**
 * An extractive summary: the sentences of the text that say most about it, word for word, in their order. Markdown
 * is read as prose. A text without sentences comes back as it is, up to its first 500 characters.
 */
export function summarize(text: string, { maxSentences }: SummarizeOptions): string {
  const sentences = paragraphsOf(plainText(text.slice(0, MAX_SUMMARIZED_CHARACTERS)))
    .flatMap(sentencesOf)
    .filter(({ terms }) => terms.size >= MIN_TERMS && terms.size <= MAX_TERMS)
    .slice(0, MAX_COMPARED);
  if (sentences.length === 0) return text.trim().slice(0, 500);
  const ranks = textRank(sentences.map(({ terms }) => terms));
  return ranks
    .map((rank, index) => ({ rank, index }))
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
    .slice(0, maxSentences)
    .sort((a, b) => a.index - b.index)
    .map(({ index }) => sentences[index]?.text ?? '')
    .join(' ');
}

interface Sentence {
  readonly text: string;
  readonly terms: Terms;
}

interface TaggedTerm {
  readonly normal: string;
  readonly root?: string | null;
  readonly tags: readonly string[];
}

function sentencesOf(paragraph: string): Sentence[] {
  const tagged = nlp(paragraph).compute('root').json() as { text: string; terms: TaggedTerm[] }[];
  return tagged.map(({ text, terms }) => ({
    text: text.trim(),
    terms: new Set(terms.filter(carriesMeaning).map(({ root, normal }) => root || normal)),
  }));
}

function carriesMeaning({ normal, tags }: TaggedTerm): boolean {
  return (
    /\p{L}{2}/u.test(normal) &&
    MEANINGFUL.some((tag) => tags.includes(tag)) &&
    !MEANINGLESS.some((tag) => tags.includes(tag))
  );
}
