import { controlText } from '../protocol/control-text.ts';

/**
 * Texts of a few words, for one request: where servers set up differently would read them differently. A server pads
 * a request to its longest text, which is why {@link longCanary} isn't among them.
 */
export const shortCanaries: readonly string[] = [
  controlText,
  // A case pair: alike to a tokenizer that lowers case, and only to that.
  'Polish workers polish the Reading Room.',
  'polish workers polish the reading room.',
  'Élan, naïveté, Größe: ¿qué pasó en São Paulo?',
  '水力発電所は、川の水で電気を作る。',
  'Wait... really?! (Yes: 3.14 > 2,718; "a-b_c" != \'d/e\' & #42.)',
  'query: how is electricity made from water',
];

/**
 * Longer than models and servers read, which is 128, 256 or 512 tokens as a rule, and for a request of its own. It runs from water
 * over bread and stars to law, so that it comes out otherwise wherever it is cut.
 *
 * Measured with all-MiniLM-L6-v2, to which it is 770 tokens: cut at 128 and at 256 the cosine is 0.689, at 128 and 512 it is
 * 0.500, at 256 and 512 0.836, at 384 and 512 0.987; cut at its beginning instead of its end, at most 0.659. Limits a few tokens
 * apart don't show: 0.9965 for 120 and 128, 0.9990 for 126 and 128, 0.9998 for 254 and 256.
 */
export const longCanary: string = [
  ...about(128, 'river water dam flood lake rain stream ocean wave boat shore bridge'),
  ...about(128, 'bread butter oven sugar cake kitchen salt milk egg dinner fruit cheese'),
  ...about(256, 'star planet moon orbit sky sun light space galaxy telescope mars rocket'),
  ...about(256, 'judge law court contract crime jury prison police lawyer trial guilty evidence'),
].join(' ');

/** That many words, one word piece each in most vocabularies, over and over. */
function about(count: number, topic: string): string[] {
  const words = topic.split(' ');
  return Array.from({ length: count }, (_, i) => words[i % words.length] ?? '');
}
