/**
 * Wall-clock time in a named zone (IANA), from the zone tables that come with Node. Asking them is
 * slow (about 3 µs), so the offset is remembered for each quarter of an hour: since 1972 no zone
 * has changed its offset at any other moment.
 */

const quarterMs = 15 * 60_000;
const dayMs = 24 * 60 * 60_000;

// 30 days of decisions have 2,880 quarters; a zone that is asked about more than that starts anew.
const rememberedMax = 20_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** Whether Node knows the zone: `Asia/Jakarta`, `UTC`. */
export function isZone(zone: string): boolean {
  if (formats.has(zone)) return true;
  // "+07:00" would be taken too, but it knows no summer time and is no name.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch (error) {
    // The one way that Intl has to say that it does not know the name.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** What the zone's clocks show at `atMs`, as if they were UTC. Throws RangeError for no zone. */
export function zonedMs(atMs: number, zone: string): number {
  const quarter = Math.floor(atMs / quarterMs);
  let known = offsets.get(zone);
  if (!known || known.size >= rememberedMax) {
    known = new Map();
    offsets.set(zone, known);
  }
  let offset = known.get(quarter);
  if (offset === undefined) {
    const startMs = quarter * quarterMs;
    const parts: Record<string, number> = {};
    for (const { type, value } of formatOf(zone).formatToParts(startMs)) {
      parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    offset = Date.UTC(year, month - 1, day, hour, minute, second) - startMs;
    known.set(quarter, offset);
  }
  return atMs + offset;
}

/** Minutes since Monday 00:00 in the zone: 0 to 10,079. */
export function minuteOfWeek(atMs: number, zone: string): number {
  const local = zonedMs(atMs, zone);
  // 1 January 1970 was a Thursday, the fourth day.
  const weekday = (Math.floor(local / dayMs) + 3) % 7;
  return weekday * 1440 + Math.floor((local % dayMs) / 60_000);
}

/** The day and the month it is somewhere: `2026-11-21` and `2026-11`. */
export interface Windows {
  readonly day: string;
  readonly month: string;
}

/** What was asked last of each zone: most payments come within the same quarter of an hour. */
const latest = new Map<string, { readonly quarter: number; readonly windows: Windows }>();

/** The same object for the same quarter of an hour. */
export function windowsIn(zone: string, nowMs: number): Windows {
  const quarter = Math.floor(nowMs / quarterMs);
  const known = latest.get(zone);
  if (known?.quarter === quarter) return known.windows;
  const local = zonedMs(nowMs, zone);
  const day = new Date(local).toISOString().slice(0, 10);
  const windows = { day, month: day.slice(0, 7) };
  // Whole quarters from UTC, as every zone is today: then none of its days begins within one.
  if ((local - nowMs) % quarterMs === 0) latest.set(zone, { quarter, windows });
  return windows;
}
