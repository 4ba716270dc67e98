const start = data.start;
const setting = data.setting;
const at = name => { const step = start.steps.find(s => s.name === name); return step ? step.at : null; };
const median = values => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

heading('How it started', setting.command.join(' '));
opening();
findings();
comparison();
waterfall();
if (start.samples.length) { heat(); flame(); }
resources();
if (start.calls.length) calls();
histograms();
runs();
small();
done();

function opening() {
  const first = at('first 200'), last = start.readings[start.readings.length - 1];
  const then = start.readings.find(r => first !== null && r.at >= first) || last;
  const list = [];
  if (first !== null) list.push([millis(first), 'exec to first 200']);
  if (at('listen') !== null) list.push([millis(at('listen')), 'exec to listen']);
  if (at('plateau') !== null) list.push([millis(at('plateau')), 'exec to plateau']);
  for (const moment of ['first success', 'full share']) if (at(moment) !== null) list.push([millis(at(moment)), 'exec to ' + moment]);
  if (start.calls.length) list.push([millis(start.calls[0].latency), 'first request']);
  if (data.measures['a warm request']) list.push([millis(data.measures['a warm request'][data.shown] || 0), 'a warm request']);
  if (then) {
    list.push([millis(then.cpu), 'processor time to first 200']);
    if (setting.millicores) list.push([millis(then.throttled), 'throttled, limit ' + setting.cpu + ' CPU']);
    list.push([(then.minorFaults + then.majorFaults).toLocaleString('en'), 'page faults, ' + then.majorFaults + ' from disk']);
    list.push([bytes(then.residentBytes), 'in memory']);
  }
  tiles(list);
}

function findings() {
  const made = section('What it says');
  const list = element('ol', { class: 'findings' });
  data.advice.forEach(item => {
    const line = element('li', {}, item.sentence + ' ');
    if (item.saves > 0) line.append(element('span', { class: 'saves' }, 'saves up to ' + millis(item.saves)));
    list.append(line);
  });
  made.append(list);
}

function comparison() {
  if (!data.comparison.length) return;
  const made = section('Against the baseline', 'Medians, and the chance to see such ranks without a difference. Two rows decide; the others explain.');
  table(made, ['', 'before', 'now', 'starts', 'p', ''], data.comparison.map(row => [
    row.name + (row.decides ? ' *' : ''), millis(row.before), millis(row.after), row.runsBefore + ' / ' + row.runsAfter,
    row.chance.toFixed(3), element('td', { class: row.slower ? 'slower' : '' }, row.slower ? 'slower' : '')]));
}

function waterfall() {
  const made = section('Waterfall', (start.steps.some(s => s.name === 'full share') ? 'From exec to the full share.' : 'From exec to the plateau.') + (start.waits.length ? ' Red: threads that were ready to run and had no processor.' : '') +
    (start.sleeps.length ? ' Violet: the main thread asleep before it listened; what it slept in stands in the tooltip.' : ''));
  const spans = data.waterfall.map(s => ({ ...s, name: (s.depth ? '   ' : '') + s.name }));
  const waits = start.waits.map(w => [w.from / 1e6, w.to / 1e6]);
  const rows = spans.map(s => s.name);
  const sleeps = start.sleeps.filter(s => s.thread === start.mainThread);
  if (waits.length) rows.push('ready, no processor');
  if (sleeps.length) rows.push('main thread asleep');
  const whole = Math.max(...spans.map(s => s.to), 1) / 1e6;
  // a long way to the plateau would leave the start itself no room
  const short200 = at('first 200') !== null ? at('first 200') * 1.15 / 1e6 : whole;
  let end = whole > 4 * short200 ? short200 : whole;
  if (whole > 1.5 * short200) {
    choice(made, ['to the first 200', 'to the plateau'], end === whole ? 'to the plateau' : 'to the first 200', name => {
      end = name === 'to the plateau' ? whole : short200;
      chart.redraw();
    });
  }
  const chart = draw(made, rows.length * 24 + 60, 'Waterfall of the start', c => ({
    grid: { left: 210, right: 80, top: 8, bottom: 34 },
    tooltip: tip(c, p => p.seriesIndex === 0
      ? `<b>${escaped(spans[p.dataIndex].name.trim())}</b><br>${millis(spans[p.dataIndex].from)} to ${millis(spans[p.dataIndex].to)}: ${millis(spans[p.dataIndex].to - spans[p.dataIndex].from)}` +
        (spans[p.dataIndex].note ? '<br>' + escaped(spans[p.dataIndex].note) : '')
      : p.seriesIndex === 1 ? `ready, no processor: ${duration(p.value[1] - p.value[0])} from ${duration(p.value[0])}`
      : `main thread asleep in ${escaped(sleeps[p.dataIndex].in)}: ${duration(p.value[1] - p.value[0])} from ${duration(p.value[0])}`),
    xAxis: axis(c, { type: 'value', min: 0, max: end, axisLabel: { color: c.soft, showMaxLabel: false, formatter: v => v + ' ms' } }),
    yAxis: axis(c, { type: 'category', inverse: true, data: rows, axisTick: { show: false }, splitLine: { show: false },
      axisLabel: { color: c.text, formatter: v => fitting(v, 196) } }),
    series: [{
      type: 'custom', data: spans.map((s, i) => [s.from / 1e6, s.to / 1e6, i]), encode: { x: [0, 1], y: 2 },
      renderItem: (params, api) => {
        const span = spans[params.dataIndex];
        if (api.value(0) > end) return null;
        const left = api.coord([api.value(0), api.value(2)]), right = api.coord([Math.min(end, api.value(1)), api.value(2)]);
        const high = span.depth ? 8 : 15, width = Math.max(2, right[0] - left[0]);
        return { type: 'group', children: [
          { type: 'rect', shape: { x: left[0], y: left[1] - high / 2, width, height: high, r: 2 },
            style: { fill: c.series[span.depth ? 5 : colour(span.name)], opacity: span.depth ? 0.75 : 1 } },
          { type: 'text', style: { x: left[0] + width + 6, y: left[1] - 6, fill: c.soft, fontSize: 12,
            text: span.depth && span.to === span.from ? 'at ' + millis(span.from) : millis(span.to - span.from) + (span.to / 1e6 > end ? ' →' : '') } }] };
      } }, {
      type: 'custom', data: waits.map(w => [w[0], w[1], rows.indexOf('ready, no processor')]), encode: { x: [0, 1], y: 2 },
      renderItem: (params, api) => lane(api, end, c.series[3], 0.35) }, {
      type: 'custom', data: sleeps.map(s => [s.from / 1e6, s.to / 1e6, rows.length - 1]), encode: { x: [0, 1], y: 2 },
      renderItem: (params, api) => lane(api, end, c.series[4], 0.8) }] }));
}

function lane(api, end, fill, opacity) {
  if (api.value(0) > end) return null;
  const left = api.coord([api.value(0), api.value(2)]), right = api.coord([Math.min(end, api.value(1)), api.value(2)]);
  return { type: 'rect', shape: { x: left[0], y: left[1] - 6, width: Math.max(1, right[0] - left[0]), height: 12 }, style: { fill, opacity } };
}

// Kinds of time in one colour each: before main, init, main, the network, requests.
function colour(name) {
  if (/init|packages|scheduler|Scheduler/.test(name)) return 1;
  if (/main/.test(name)) return 4;
  if (/TCP|TLS/.test(name)) return 5;
  if (/first|warming|200/.test(name)) return 2;
  return 0;
}

// Stacks of the kernel's clock, and below them what a Go program recorded of itself: one time axis for both.
function phases() {
  const named = (heat, prefix) => heat.rows.map(row => prefix + row);
  const shifted = (heat, by) => heat.cells.map(cell => ({ ...cell, row: cell.row + by }));
  const states = data.phases.rows.length, stacks = states + data.goStates.rows.length;
  return { ...data.phases, rows: [...data.phases.rows, ...named(data.goStates, 'Go: '), ...named(data.goPhases, 'pprof: ')],
    cells: [...data.phases.cells, ...shifted(data.goStates, states), ...shifted(data.goPhases, stacks)] };
}

function heat() {
  const recorded = data.recordedUntil > data.until;
  const made = section('Where the processor was', 'Time across, ' + setting.hertz + ' stacks a second and processor from the first instruction on; the colour is the processor time of a box, logarithmic.' +
    (data.goStates.rows.length ? ' Rows that begin with Go and pprof are what the program recorded of itself once it served: states of its goroutines, summed, and its own CPU profile. The slider widens the time to all of it.' : ''));
  const views = { 'by phase': phases(), 'by innermost function': data.functions };
  let shown = views['by phase'];
  choice(made, Object.keys(views), 'by phase', name => {
    shown = views[name];
    map.redraw(height());
  });
  const below = recorded ? 124 : 84;
  const height = () => shown.rows.length * 21 + below + 26;
  const map = draw(made, height(), 'Heat map of processor time', c => {
    const values = shown.cells.map(cell => cell.millis);
    const low = Math.log2(Math.max(0.01, Math.min(...values))), high = Math.max(low + 1, Math.log2(Math.max(...values)));
    const width = shown.columnNanos / 1e6;
    const of = row => row.startsWith('Go: ') ? 'in this state, all goroutines together' : 'of processor time';
    return {
      grid: { left: 250, right: 20, top: 6, bottom: below },
      dataZoom: recorded ? [{ type: 'slider', startValue: 0, endValue: Math.ceil(data.until / shown.columnNanos) - 1, bottom: 50, height: 18,
        borderColor: c.line, textStyle: { color: c.soft }, labelFormatter: index => Math.round(index * width) + ' ms', brushSelect: false }] : [],
      tooltip: tip(c, p => `<b>${escaped(shown.rows[p.value[1]])}</b><br>${duration(p.value[0] * width)} to ${duration((p.value[0] + 1) * width)}<br>${duration(p.value[3])} ${of(shown.rows[p.value[1]])}`),
      xAxis: axis(c, { type: 'category', data: Array.from({ length: shown.columns }, (_, i) => Math.round(i * width)),
        splitLine: { show: false }, axisTick: { show: false }, axisLabel: { color: c.soft, hideOverlap: true, formatter: v => v + ' ms' } }),
      yAxis: axis(c, { type: 'category', inverse: true, data: shown.rows, splitLine: { show: true, lineStyle: { color: c.line, opacity: 0.5 } }, axisTick: { show: false },
        axisLabel: { color: c.text, interval: 0, formatter: v => fitting(v, 236) } }),
      visualMap: { min: low, max: high, dimension: 2, orient: 'horizontal', left: 250, bottom: 4, calculable: true, itemWidth: 12, itemHeight: 220,
        inRange: { color: c.heat }, textStyle: { color: c.soft }, formatter: v => duration(2 ** v) },
      series: [{ type: 'heatmap', data: shown.cells.map(cell => [cell.column, cell.row, Math.log2(Math.max(0.01, cell.millis)), cell.millis]),
        emphasis: { itemStyle: { borderColor: c.text, borderWidth: 1 } } }] };
  });
}

function flame() {
  const made = section('Flame chart', 'Stacks merged in the order in which they first ran: widths are processor time, the first row is the phase. A click widens a box, a click on the top row shows all.');
  const own = "Go's own profile (pprof)";
  const kinds = { 'processor time': data.flame };
  if (data.faultFlame.length > 1) kinds['page faults (1 in 16)'] = data.faultFlame;
  if (data.goFlame.length > 1) kinds[own] = data.goFlame;
  let boxes = data.flame, from = 0, to = boxes[0].samples, kind = 'processor time';
  // what is thinner than some three pixels makes the page long and shows nothing
  const deepest = () => Math.min(60, boxes.reduce((most, b) => b.samples * 350 >= to - from && b.from < to && b.from + b.samples > from ? Math.max(most, b.depth) : most, 2));
  const height = () => (deepest() + 1) * 18 + 16;
  const weight = n => kind === own ? duration(n * data.goPeriodMillis)
    : kind === 'processor time' ? duration(n * 1000 / setting.hertz) : (n * 16).toLocaleString('en') + ' faults';
  if (Object.keys(kinds).length > 1) {
    choice(made, Object.keys(kinds), 'processor time', name => {
      boxes = kinds[name]; kind = name; from = 0; to = boxes[0].samples;
      chart.redraw(height());
    });
  }
  const chart = draw(made, height(), 'Flame chart of stacks', c => ({
    grid: { left: 0, right: 0, top: 4, bottom: 4 },
    tooltip: tip(c, p => { const box = boxes[p.value[3]]; return `<b>${escaped(box.name)}</b><br>${weight(box.samples)} (${(100 * box.samples / boxes[0].samples).toFixed(1)} % of all)`; }),
    xAxis: { type: 'value', min: from, max: to, show: false },
    yAxis: { type: 'value', min: 0, max: deepest() + 1, inverse: true, show: false },
    series: [{ type: 'custom', encode: { x: [0, 1], y: 2 }, clip: true,
      data: boxes.map((b, i) => [b.from, b.from + b.samples, b.depth, i]).filter(d => d[2] <= deepest() && d[1] > from && d[0] < to),
      renderItem: (params, api) => {
        const box = boxes[api.value(3)];
        const x = api.coord([Math.max(from, box.from), box.depth]), end = api.coord([Math.min(to, box.from + box.samples), box.depth]);
        const width = Math.max(0.5, end[0] - x[0] - 0.5);
        return { type: 'rect', shape: { x: x[0], y: x[1], width, height: 17 }, style: { fill: shade(c, box) },
          textContent: width > 40 ? { style: { text: box.name, fill: theme === 'dark' ? '#10151b' : '#ffffff', fontSize: 11, width: width - 8, overflow: 'truncate' } } : undefined,
          textConfig: { position: 'insideLeft', inside: true, distance: 4 } };
      } }] }));
  chart.chart.on('click', p => {
    const box = boxes[p.value[3]];
    [from, to] = box.depth === 0 ? [0, boxes[0].samples] : [box.from, box.from + box.samples];
    chart.redraw(height());
  });
}

// The same package has the same colour; the kernel and what has no name are grey.
function shade(c, box) {
  if (box.depth === 0) return c.soft;
  if (/\[kernel\]$|^\[/.test(box.name)) return theme === 'dark' ? '#8b96a5' : '#7b8794';
  const owner = box.name.replace(/^init of |^goroutine /, '').replace(/(\/?[^/.]+)\..*$/, '$1');
  let hash = 0;
  for (const letter of owner) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return c.series[hash % c.series.length];
}

function resources() {
  const readings = start.readings.filter(r => r.at >= 0 && r.at <= data.until);
  if (readings.length < 2) return;
  const made = section('Processor, limit, memory, pressure', 'Read every 20 ms. Throttled: the share of each moment in which a processor of the group stood still for its CPU limit; pressure: in which something of it waited.');
  if (readings.length < 4) { // 20 ms apart
    made.append(element('p', {}, `The start was over after ${readings.length} readings: too short for a course. What it took in all stands in the figures above.`));
    return;
  }
  const rate = (field) => readings.slice(1).map((r, i) => {
    const before = readings[i], now = r[field], then = before[field];
    return [r.at / 1e6, now === null || then === null ? null : (now - then) / Math.max(1, r.at - before.at)];
  });
  // the kernel adds up late now and then: more than the whole of a moment is the moment before's
  const share = field => rate(field).map(([when, of]) => [when, of === null ? null : Math.min(1, of)]);
  const line = (name, values, more) => Object.assign({ type: 'line', name, showSymbol: false, data: values, lineStyle: { width: 1.5 } }, more);
  const moments = ['listen', 'first 200', 'plateau'].filter(n => at(n) !== null);
  // labels of moments that lie close to each other stand one above the other
  const lift = i => i > 0 && (at(moments[i]) - at(moments[i - 1])) / data.until < 0.14 ? lift(i - 1) + 13 : 0;
  const marks = c => ({ symbol: 'none', silent: true, lineStyle: { color: c.soft, type: 'dashed', width: 1 }, label: { color: c.soft, fontSize: 11, formatter: p => p.name, position: 'end', rotate: 0, distance: 4 },
    data: moments.map((n, i) => ({ name: n, xAxis: at(n) / 1e6, label: { distance: 4 + lift(i), align: at(n) < data.until * 0.1 ? 'left' : 'center' } })) });
  const pair = element('div', { class: 'pair' });
  made.append(pair);
  const panel = (label, series, unit, more) => draw(pair, 260, label, c => Object.assign({
    legend: { textStyle: { color: c.soft }, top: 0 }, grid: { left: 74, right: 20, top: 64, bottom: 34 },
    tooltip: tip(c, list => list.map(p => `${p.marker} ${p.seriesName}: ${p.value[1] === null ? 'not counted' : unit(p.value[1])}`).join('<br>') + `<br>at ${duration(list[0].value[0])}`, { trigger: 'axis' }),
    xAxis: axis(c, { type: 'value', min: 0, max: data.until / 1e6, axisLabel: { color: c.soft, showMaxLabel: false, formatter: v => v + ' ms' }, splitLine: { show: false } }),
    yAxis: axis(c, Object.assign({ type: 'value', min: 0, axisLabel: { color: c.soft, formatter: unit } }, more)),
    series: series().map((s, i) => i ? s : Object.assign(s, { markLine: marks(c) })) }));
  panel('Processors used', () => [line('processors used', rate('cpu'), { step: 'end' })].concat(
    setting.millicores ? [line('limit', [[0, setting.millicores / 1000], [readings[readings.length - 1].at / 1e6, setting.millicores / 1000]], { lineStyle: { type: 'dotted' } })] : []), v => v.toFixed(2));
  panel('Standing still and waiting', () => [line('throttled', share('throttled')), line('CPU pressure', share('cpuPressure')), line('memory pressure', share('memoryPressure')), line('I/O pressure', share('ioPressure'))],
    v => Math.round(v * 100) + ' %', { max: 1 });
  panel('Page faults', () => [line('page faults a ms', rate('minorFaults').map(v => [v[0], v[1] * 1e6])), line('from disk', rate('majorFaults').map(v => [v[0], v[1] * 1e6]))], v => v.toFixed(v < 10 ? 1 : 0));
  const most = Math.max(...readings.map(r => r.residentBytes));
  let step = 4096; // round in bytes, not in millions
  while (most / step > 5) step *= 2;
  panel('Memory', () => [line('in memory', readings.map(r => [r.at / 1e6, r.residentBytes]), { areaStyle: { opacity: 0.15 } })], bytes, { interval: step, max: Math.max(1, Math.ceil(most / step)) * step });
}

function calls() {
  const made = section('Requests while it warms', 'One after the other on one connection; both scales as they are, the latency logarithmic.');
  draw(made, 260, 'Latency of each request', c => ({
    grid: { left: 70, right: 30, top: 16, bottom: 34 },
    tooltip: tip(c, p => `request ${p.dataIndex + 1}: ${duration(p.value[1])}, status ${p.value[2]}<br>at ${duration(p.value[0])}`),
    xAxis: axis(c, { type: 'value', min: 'dataMin', scale: true, axisLabel: { color: c.soft, formatter: v => Math.round(v) + ' ms' }, splitLine: { show: false } }),
    yAxis: axis(c, { type: 'log', axisLabel: { color: c.soft, formatter: duration } }),
    series: [{ type: 'scatter', symbolSize: 6, data: start.calls.map(call => [call.at / 1e6, Math.max(0.001, call.latency / 1e6), call.status]),
      itemStyle: { color: p => p.value[2] === 200 ? c.series[0] : c.series[3] },
      markLine: at('plateau') === null ? undefined : { symbol: 'none', silent: true, data: [{ xAxis: at('plateau') / 1e6 }], label: { formatter: 'plateau', color: c.soft }, lineStyle: { color: c.soft, type: 'dashed' } } }] }));
}

function histograms() {
  if (!data.requests.length && !data.waits.length) return;
  const made = section('Histograms', 'Buckets that double.');
  const pair = element('div', { class: 'pair' });
  made.append(pair);
  const panel = (name, buckets) => buckets.length && draw(pair, 240, name, c => ({
    title: { text: name, textStyle: { color: c.soft, fontSize: 13, fontWeight: 'normal' } },
    grid: { left: 50, right: 16, top: 34, bottom: 40 },
    tooltip: tip(c, p => `${duration(buckets[p.dataIndex].fromMicros / 1000)} to ${duration(buckets[p.dataIndex].fromMicros / 500)}: ${p.value}`),
    xAxis: axis(c, { type: 'category', data: buckets.map(b => '≥ ' + duration(b.fromMicros / 1000)), axisLabel: { color: c.soft, fontSize: 11 } }),
    yAxis: axis(c, { type: 'value', minInterval: 1 }),
    series: [{ type: 'bar', data: buckets.map(b => b.count), barWidth: '92%' }] }));
  panel('latency of requests', data.requests);
  panel('ready threads without a processor, each wait of 1 ms or more', data.waits);
}

function runs() {
  const names = Object.keys(data.measures).filter(n => data.measures[n].length > 1);
  if (!names.length) return;
  const made = section('All starts', 'The charts show start ' + (data.shown + 1) + ', the median one by its first 200.');
  table(made, ['', 'starts', 'median', 'least', 'most'], names.map(n => [n, String(data.measures[n].length),
    millis(median(data.measures[n])), millis(Math.min(...data.measures[n])), millis(Math.max(...data.measures[n]))]));
}

function small() {
  const made = section('How it was seen');
  const list = element('ul', { class: 'plain' });
  const say = text => list.append(element('li', {}, text));
  say(`Linux ${setting.kernel}, ${setting.cpus} processors, ` + (!setting.asked ? 'under thaw run' : setting.millicores ? `limited to ${setting.cpu} CPU` : 'no CPU limit') + (setting.goVersion ? `, built with ${setting.goVersion}` : '') + (setting.asked ? `, asked for ${setting.asked.path}.` : '.'));
  say('All times are CLOCK_MONOTONIC, from the exec of the command on.');
  if (setting.millicores) say('Time throttled is added up over processors.');
  data.goWords.forEach(line => say(line + '.'));
  if (start.packages.length) say('The time of a package is Go\'s own count (inittrace): the clock between its first and last initialiser. ' + (at('main.main') === null ? '' : 'Package init as a whole is the clock\'s too, from gcenable to main.main, and so holds what lies between two packages: the line that Go writes for each of them, only because it is asked to, our probe on each, and waits there.'));
  if (start.alignment) say(`Go's own package times fit the kernel's within ${millis(start.alignment.error)}: ${start.alignment.how}.`);
  start.recordings.forEach(r => say(`${r.file}: recorded by the program itself from ${millis(r.from)} to ${millis(r.to)}, placed within ${millis(r.error)}.`));
  if (start.keyExchange.length) say('The server\'s half of a handshake: ' + start.keyExchange.map(k => `${k.curve} ${millis(k.median)} (median of ${k.n})`).join(', ') + '.');
  start.lost.forEach(line => say('Not seen: ' + line + '.'));
  made.append(list);
}
