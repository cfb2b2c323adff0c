import type { Counters } from './counters.ts';
import type { Fault } from './fault.ts';
import { parseFaults } from './parse-fault.ts';
import type { ControlRoute } from './request-listener.ts';

/** What can be controlled over HTTP. */
export interface Controlled {
  readonly counters: Counters;
  resetCounters(): void;
  setFault(faults: readonly Fault[]): void;
  clearFaults(): void;
}

/**
 * The controls of the program: `POST /_sim/fault` (one fault or a list), `DELETE /_sim/fault`, `GET /_sim/counters`,
 * `DELETE /_sim/counters`. Changes are answered 200 `{}`, what makes no sense 400 `{"error"}`.
 */
export function simulationControl(controlled: Controlled): ControlRoute {
  return (method, path, body) => {
    switch (`${method} ${path}`) {
      case 'POST /_sim/fault':
        return setFaults(controlled, body);
      case 'DELETE /_sim/fault':
        controlled.clearFaults();
        return DONE;
      case 'GET /_sim/counters':
        return { status: 200, body: countersJson(controlled.counters) };
      case 'DELETE /_sim/counters':
        controlled.resetCounters();
        return DONE;
      default:
        return { status: 404, body: JSON.stringify({ error: `There is no control ${method} ${path}.` }) };
    }
  };
}

const DONE = { status: 200, body: '{}' };

function setFaults(controlled: Controlled, body: string): { status: number; body: string } {
  try {
    controlled.setFault(parseFaults(JSON.parse(body)));
    return DONE;
  } catch (error) {
    // Both JSON's own error and that of parseFaults say to the caller what is wrong.
    return { status: 400, body: JSON.stringify({ error: String(error) }) };
  }
}

function countersJson(counters: Counters): string {
  return JSON.stringify({ ...counters, timesComputed: Object.fromEntries(counters.timesComputed) });
}
