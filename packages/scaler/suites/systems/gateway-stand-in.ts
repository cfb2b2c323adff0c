import { type CannedServer, startCannedServer } from '../../src/signals/canned-server.test-support.ts';
import { type CannedGateway, cannedExposition } from '../../src/signals/exposition.test-support.ts';

/** Answers `/metrics` as a gateway would that has what `say` says at that moment. For instances that have no sockets: a real gateway could send them nothing. */
export function startGatewayStandIn(say: () => CannedGateway): Promise<CannedServer> {
  return startCannedServer((_request, response) => void response.end(cannedExposition(say())));
}
