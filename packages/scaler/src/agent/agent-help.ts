/** What `forebay-scaler agent --help` says. */
export const AGENT_HELP = `forebay-scaler agent: runs on a host beside its model server and tells the scaler how the host is.

  forebay-scaler agent --scaler http://scaler:8090 --token-file /etc/forebay/hosts-token

It says "ready" at the first good answer of the model server and then each minute, "unhealthy" when the server says so or
is silent, and "leaving" as soon as AWS announces a spot interruption or recommends to rebalance. While the scaler is away
it tries on; what it could not tell is told once it is back. It changes nothing on the host.

The scaler
  --scaler URL         several times, or commas between, for scalers that share a state [SCALER_URL]
  --token-file FILE    holds the scaler's HOSTS_TOKEN, read for each report [HOSTS_TOKEN_FILE, or HOSTS_TOKEN itself]
  --token-secret NAME  the same from AWS Secrets Manager, by name or ARN, read every five minutes

The host
  --id ID              of the replica or machine, as the scaler's driver lists it (the EC2 instance id, from metadata) [FOREBAY_HOST_ID]
  --url URL            where gateways reach the model; only for drivers that don't know it [FOREBAY_HOST_URL]

The model server
  --probe URL          GET; 200 to 299 is well, unless it is DJL's /ping and a model in it isn't Healthy (http://127.0.0.1:8080/ping)
  --interval SECONDS   between probes (5)
  --failures N         so many probes in a row without an answer make it unhealthy (3); an answer that says so does at once
  --start-seconds S    without a good answer so long after the agent's start it is unhealthy (600)

Notices and the end
  --no-metadata        not on EC2: ask no instance metadata (then --id is needed)
  --on-stop WHAT       at SIGTERM: nothing, as when the agent is updated, or leaving, where that means the host's end (nothing)

Metadata is asked in version 2, at AWS_EC2_METADATA_SERVICE_ENDPOINT if that is set, every five seconds. In a container the
instance's hop limit must be 2 or more.

Try
  forebay-scaler agent --scaler http://127.0.0.1:8090 --id cpu-1-0 --no-metadata --probe http://127.0.0.1:9000/ping
`;
