// What an agent may say (manual 5.2 agent-check): one line of words between blanks or commas, in any order.

/** Each part is null where the agent did not speak of it. */
export interface AgentAnswer {
  admin: 'ready' | 'drain' | 'maint' | null;
  /** `75%` or `weight:7` without its prefix, as `set weight` takes it. */
  weight: string | null;
  /** Digits, or what stood in their place. */
  maxconn: string | null;
  health: 'up' | 'down' | null;
  /** The word that said so, as it was written. */
  word: string;
  /** What stands behind a sharp, or words that mean nothing beside one that does. */
  description: string;
  /** The first word without a meaning, where nothing else explains it. */
  unknown: string;
}

const ADMIN: Readonly<Record<string, AgentAnswer['admin']>> = {
  ready: 'ready',
  drain: 'drain',
  maint: 'maint',
};
const HEALTH: Readonly<Record<string, AgentAnswer['health']>> = {
  up: 'up',
  down: 'down',
  fail: 'down',
  stopped: 'down',
};

/** Reads the line up to its end. Null: the line is not complete. `text`: latin1. */
export function parseAgentAnswer(text: string): AgentAnswer | null {
  const end = text.search(/[\r\n]/);
  if (end < 0) return null;
  const line = text.slice(0, end);
  const sharp = line.indexOf('#');
  const answer: AgentAnswer = {
    admin: null,
    weight: null,
    maxconn: null,
    health: null,
    word: '',
    description: sharp < 0 ? '' : line.slice(sharp + 1).trim(),
    unknown: '',
  };
  for (const word of (sharp < 0 ? line : line.slice(0, sharp)).split(/[ \t,]+/)) {
    if (word !== '') take(answer, word);
  }
  if (answer.health !== null && answer.description === '') answer.description = answer.unknown;
  return answer;
}

function take(answer: AgentAnswer, word: string): void {
  const name = word.toLowerCase();
  if (Object.hasOwn(ADMIN, name)) answer.admin = ADMIN[name]!;
  else if (Object.hasOwn(HEALTH, name)) {
    answer.health = HEALTH[name]!;
    answer.word = word;
  } else if (/^\d.*%$/.test(word)) answer.weight = word;
  else if (name.startsWith('weight:')) answer.weight = word.slice(7);
  else if (name.startsWith('maxconn:')) answer.maxconn = word.slice(8);
  else if (answer.unknown === '') answer.unknown = word;
}
