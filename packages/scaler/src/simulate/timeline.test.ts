import { expect, it } from 'vitest';
import { recordTimeline, toTimelineCsv } from './timeline.ts';

it('has a row for each policy and second, and quotes a name that needs it', () => {
  const one = recordTimeline('hpa');
  one.onSecond(0, 2, 1, 0);
  one.onSecond(1, 2, 2, 1 / 3);
  const other = recordTimeline('my,"file".yaml');
  other.onSecond(0, 1, 1, 4);
  expect(toTimelineCsv([one.timeline, other.timeline])).toBe(`policy,second,desired,ready,queued
hpa,0,2,1,0
hpa,1,2,2,0.333
"my,""file"".yaml",0,1,1,4
`);
});
