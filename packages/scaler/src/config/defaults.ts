/** What a group has where nobody says otherwise; `initial` is then `min`, rates and prices are those of its class. */
export const GROUP_DEFAULTS = {
  class: 'default',
  enabled: true,
  min: 2,
  max: 10,
  intervalSeconds: 5,
  combine: 'max',
  stabilizationOutSeconds: 0,
  stabilizationInSeconds: 450,
  cooldownOutSeconds: 0,
  cooldownInSeconds: 0,
  steepFallPart: 0.25,
  steepFallSeconds: 300,
  flappingGrowth: 1.5,
  flappingWithinSeconds: 1200,
  flappingLongestSeconds: 1200,
  velocitySelect: 'max',
  expectedStartupSeconds: 60,
  startupTimeoutSeconds: 600,
  drainSeconds: 120,
  unhealthySeconds: 43_200,
  staleAfterSeconds: 30,
} as const;

/** What the fields of policies have where nobody says otherwise. */
export const POLICY_DEFAULTS = {
  weight: 1,
  utilization: 0.9,
  drainBacklogSeconds: 60,
  trend: true,
  headroom: 1.25,
  toleranceOut: 0.15,
  toleranceIn: 0.15,
  /** As HPA's, for target tracking. */
  trackingTolerance: 0.1,
  /** Document 004's example: 2 instances become 3. */
  outFactor: 1.5,
  inFactor: 0.75,
  /** Document 001: n + 2·√n. */
  formula: 'sqrt',
  margin: 2,
  timeZone: 'UTC',
} as const;

/** The rest of the configuration. */
export const CONFIG_DEFAULTS = {
  host: '127.0.0.1',
  port: 8090,
  driver: 'process',
  gatewayUrl: 'http://127.0.0.1:8080',
  logLevel: 'info',
  onStop: 'keep',
  /** Document 000: above 80 % for two periods of five minutes. */
  alarmPeriods: 2,
  alarmPeriodSeconds: 300,
} as const;

/** Document 004's thresholds scale in below this part of the threshold: 35 % for 70 %. */
export const THRESHOLD_BELOW_PART = 0.5;

for (const defaults of [GROUP_DEFAULTS, POLICY_DEFAULTS, CONFIG_DEFAULTS]) Object.freeze(defaults);
