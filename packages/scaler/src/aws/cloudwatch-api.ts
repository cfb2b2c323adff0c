import { z } from 'zod';
import type { Sample } from '../values/sample.ts';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** One metric of CloudWatch, as its console names it. */
export interface MetricQuery {
  /** Such as `AWS/EC2`. */
  readonly namespace: string;
  /** Such as `CPUUtilization`. */
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Such as `Average`, `Sum` or `p99`. */
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** What we ask of CloudWatch. Calls reject with a `ScalerError`, and when their signal aborts. */
export interface CloudWatchApi {
  /**
   * The newest complete datapoint of each metric, in the order of the queries: its time is the end of its period. `missing` where there is
   * none in three periods (ten minutes at least). 500 metrics cost one call.
   */
  getMetrics(queries: readonly MetricQuery[], nowMs: number, signal: AbortSignal): Promise<readonly Sample[]>;
  close(): Promise<void>;
}

/** The owner of the SDK for CloudWatch. Needs cloudwatch:GetMetricData, which AWS bills per metric asked for. */
export function openCloudWatchApi(settings: AwsSettings): CloudWatchApi {
  const cloudWatch = new LazyClient(async () => {
    const { CloudWatchClient, ...commands } = await import('@aws-sdk/client-cloudwatch');
    return { ...commands, client: new CloudWatchClient(clientConfig(settings)) };
  });

  /** Every page of one call's answer. */
  async function ask(queries: readonly MetricQuery[], nowMs: number, signal: AbortSignal) {
    const results: MetricResult[] = [];
    const { startMs, endMs } = windowOf(queries, nowMs);
    let NextToken: string | undefined;
    do {
      const page = await cloudWatch.call(
        `reading ${queries.length} metric(s)`,
        signal,
        async ({ client, GetMetricDataCommand }) => {
          const command = new GetMetricDataCommand({
            StartTime: new Date(startMs),
            EndTime: new Date(endMs),
            ScanBy: 'TimestampDescending',
            MetricDataQueries: queries.map(toDataQuery),
            NextToken,
          });
          return pageSchema.parse(await client.send(command, { abortSignal: signal }));
        },
      );
      results.push(...page.MetricDataResults);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return queries.map((query, index) =>
      newestSample(
        query,
        results.filter(({ Id }) => Id === idOf(index)),
        nowMs,
      ),
    );
  }

  return {
    async getMetrics(queries, nowMs, signal) {
      const samples: Sample[] = [];
      for (let from = 0; from < queries.length; from += MOST_QUERIES) {
        samples.push(...(await ask(queries.slice(from, from + MOST_QUERIES), nowMs, signal)));
      }
      return samples;
    },
    close: () => cloudWatch.close(),
  };
}

/** GetMetricData takes no more. */
const MOST_QUERIES = 500;

/** What CloudWatch says of one metric on one page. */
export interface MetricResult {
  readonly Id: string;
  readonly StatusCode?: string | undefined;
  readonly Timestamps: readonly Date[];
  readonly Values: readonly number[];
  readonly Messages: readonly { readonly Value?: string | undefined }[];
}

const resultSchema: z.ZodType<MetricResult> = z.object({
  Id: z.string(),
  StatusCode: z.string().optional(),
  Timestamps: z.array(z.date()).default([]),
  Values: z.array(z.number()).default([]),
  Messages: z.array(z.object({ Value: z.string().optional() })).default([]),
});

const pageSchema = z.object({
  MetricDataResults: z.array(resultSchema).default([]),
  NextToken: z.string().optional(),
});

function toDataQuery({ namespace, name, dimensions, statistic, periodSeconds }: MetricQuery, index: number) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: idOf(index),
    ReturnData: true,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}

function idOf(index: number): string {
  return `m${index}`;
}

/** How far back a datapoint is looked for: metrics come minutes late. */
function lookBackMs({ periodSeconds }: MetricQuery): number {
  return Math.max(LEAST_LOOK_BACK_MS, 3 * periodSeconds * 1_000);
}

const LEAST_LOOK_BACK_MS = 600_000;

/** On whole periods of the longest, else CloudWatch shifts them itself. */
function windowOf(queries: readonly MetricQuery[], nowMs: number) {
  const longestMs = Math.max(...queries.map(({ periodSeconds }) => periodSeconds * 1_000), 60_000);
  const startMs = nowMs - Math.max(...queries.map(lookBackMs));
  return { startMs: Math.floor(startMs / longestMs) * longestMs, endMs: nowMs };
}

/** The newest datapoint whose period is over; else why there is none. Only exported for its table. */
export function newestSample(query: MetricQuery, results: readonly MetricResult[], nowMs: number): Sample {
  const periodMs = query.periodSeconds * 1_000;
  let newest: { readonly value: number; readonly atMs: number } | undefined;
  for (const { Timestamps, Values } of results) {
    for (const [index, time] of Timestamps.entries()) {
      const atMs = time.getTime() + periodMs;
      const value = Values[index];
      if (value === undefined || atMs > nowMs || atMs <= (newest?.atMs ?? 0)) continue;
      newest = { value, atMs };
    }
  }
  if (newest !== undefined) {
    const freshForSeconds = 2 * query.periodSeconds + PUBLISHED_WITHIN_SECONDS;
    return { kind: 'value', ...newest, freshForSeconds };
  }
  const refused = results.find(
    ({ StatusCode }) => StatusCode === 'Forbidden' || StatusCode === 'InternalError',
  );
  const says = refused?.Messages.map(({ Value }) => Value).join('; ') ?? '';
  const reason =
    refused === undefined
      ? `CloudWatch has no ${metricText(query)} in the last ${lookBackMs(query) / 1_000} s`
      : `CloudWatch answered ${refused.StatusCode} for ${metricText(query)}${says === '' ? '' : `: ${says}`}`;
  return { kind: 'missing', reason, atMs: nowMs };
}

/** How late AWS's own metrics come after their period. */
const PUBLISHED_WITHIN_SECONDS = 120;

/** `AWS/EC2 CPUUtilization{AutoScalingGroupName=small} (Average, 300 s)`. */
function metricText({ namespace, name, dimensions, statistic, periodSeconds }: MetricQuery): string {
  const of = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return `${namespace} ${name}{${of.join(',')}} (${statistic}, ${periodSeconds} s)`;
}
