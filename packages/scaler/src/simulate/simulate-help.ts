/** What `forebay-scaler simulate --help` says. */
export const SIMULATE_HELP = `forebay-scaler simulate: what would a scaling policy have made of this load?

  forebay-scaler simulate --trace load.csv --policy default --policy hpa \\
    --startup-seconds 60 --per-replica 120 --min 2 --initial 4 --max 20

The load
  --trace FILE.csv       rows "second,requests" under that header; a second without a row has no requests
  --generate NAME        instead of a file: diurnal, bursty, bulk or flash, made from
    --seed N               a seed (1): the same seed, the same load
    --mean R               requests/s (10)
    --seconds N            a length (diurnal: a day in 14400; bulk, flash: 7200; bursty: 3600)
  --shift N              the load comes N seconds later (0): policies that act every 15 s depend on it

The policies
  --policy NAME|FILE     several times for several (default)
                         default, or a file with a group's settings
                         hpa                  Kubernetes, CPU 70 %, default behaviour
                         hpa-002              the same with document 002's windows and limits
                         aws-target-tracking  ECS service, CPU 70 %, cooldowns 300 s
                         knative              concurrency, with panic mode
                         fixed:N              N replicas all the time (--initial doesn't matter)

The system
  --per-replica R        requests/s of one ready replica; or mean/4: a quarter of the load's mean
  --startup-seconds N    from launch to ready
  --min A --max B        bounds of the count (2, 10)
  --initial I            ready at second 0 (min)

What is told
  --skip-seconds S       the first S seconds aren't scored: neither waits nor hours nor actions (0)
  --price-per-hour P     of one replica, for the column cost
  --json                 an array instead of the table
  --timeline FILE.csv    policy,second,desired,ready,queued; queued at the end of the second
  --chart FILE.svg       load, capacity and queue of each policy, to look at

How it counts: steps of one second; first in, first out; a wait is the time to the start of service. Replicas cost from
launch on. After the load the last ready ones serve on for 1,800 s, free of charge; what waits then is "unserved", its wait
infinite. An action is one change of the desired count.

Try
  forebay-scaler simulate --generate flash --policy hpa --policy knative --policy fixed:12 \\
    --per-replica mean/4 --startup-seconds 60 --min 1 --initial 6 --max 40 --skip-seconds 600 --chart flash.svg
  forebay-scaler simulate --trace load.csv --policy mine.yaml --policy default --startup-seconds 300 \\
    --per-replica 120 --max 20 --price-per-hour 0.17 --json
`;
