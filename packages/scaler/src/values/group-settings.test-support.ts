import type {
  BacklogSettings,
  GroupSettings,
  QueuedWorkSettings,
  TargetTrackingSettings,
  ThresholdSettings,
} from './group-settings.ts';

/** A group without windows, cooldowns and limits, so that a test sets what it is about. */
export function groupSettings(given: Partial<GroupSettings> = {}): GroupSettings {
  return {
    name: 'cpu',
    class: 'cpu',
    enabled: true,
    min: 0,
    initial: 0,
    max: 10,
    intervalSeconds: 5,
    policies: [backlog()],
    combine: 'max',
    stabilizationSeconds: { out: 0, in: 0 },
    steepFall: { part: 0, seconds: 0 },
    flapping: { growth: 1, withinSeconds: 1_200, longestSeconds: 1_200 },
    cooldownSeconds: { out: 0, in: 0 },
    velocity: { out: { rules: [], select: 'max' }, in: { rules: [], select: 'max' } },
    startup: { expectedSeconds: 60, timeoutSeconds: 600 },
    drainSeconds: 120,
    unhealthySeconds: 43_200,
    staleAfterSeconds: 30,
    chunksPerSecond: 10,
    pricePerHour: 1,
    ...given,
  };
}

export function backlog(given: Partial<BacklogSettings> = {}): BacklogSettings {
  return { type: 'backlog', name: 'messages', weight: 1, signal: 'queue', perReplica: 1, ...given };
}

export function queuedWorkPolicy(given: Partial<QueuedWorkSettings> = {}): QueuedWorkSettings {
  return {
    type: 'queued-work',
    name: 'work',
    weight: 1,
    utilization: 0.8,
    drainBacklogSeconds: 60,
    trend: false,
    headroom: 1,
    tolerance: { out: 0, in: 0 },
    ...given,
  };
}

export function cpuTracking(given: Partial<TargetTrackingSettings> = {}): TargetTrackingSettings {
  return {
    type: 'target-tracking',
    name: 'cpu',
    weight: 1,
    signal: 'cpu_percent',
    target: 60,
    of: 'each',
    tolerance: { out: 0.1, in: 0.1 },
    ...given,
  };
}

/** Document 004's. */
export function cpuThreshold(given: Partial<ThresholdSettings> = {}): ThresholdSettings {
  return {
    type: 'threshold',
    name: 'cpu-based-scaling',
    weight: 1,
    signal: 'cpu_percent',
    above: 70,
    outFactor: 1.5,
    below: 35,
    inFactor: 0.7,
    ...given,
  };
}
