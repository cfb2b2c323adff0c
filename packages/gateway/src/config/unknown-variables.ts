import { nearestName } from './nearest-name.ts';
import { SETTING_KEYS, variableOf } from './settings.ts';

const PREFIX = 'FOREBAY_';
/** Read by other programs of this project, which share an environment with the gateway. */
const KNOWN_ELSEWHERE = ['FOREBAY_MODEL_DIR'];
/** What Kubernetes sets in every pod beside a Service named `forebay…`. */
const SERVICE_LINK = /^FOREBAY_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;

/** A warning for each variable that has our prefix and isn't a setting: probably misspelt. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [
    ...SETTING_KEYS.map(variableOf).filter((name) => name.startsWith(PREFIX)),
    ...KNOWN_ELSEWHERE,
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name) && !SERVICE_LINK.test(name))
    .map((name) => {
      const meant = nearestName(name, known);
      return `${name} is not a setting${meant ? `, did you mean ${meant}?` : ''}`;
    });
}
