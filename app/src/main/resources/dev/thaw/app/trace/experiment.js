const grid = data.grid;
const cells = grid.cells;
const cpus = [...new Set(cells.map(c => c.cpu))], memories = [...new Set(cells.map(c => c.memory))];
const named = (value, none) => value || none;
// null: a start that did not answer
const time = nanos => nanos === null ? 'no answer' : millis(nanos);

heading('What the start is sensitive to', data.setting.command.join(' '));
const said = section('In one sentence');
said.append(element('p', {}, grid.sentence));
if (data.interrupted) said.append(element('p', { class: 'about' }, 'Interrupted: not every cell has all of its ' + data.runs + ' starts.'));
map();
bars();
figures();
done();

function map() {
  const made = section('P99 of exec to first 200', 'One box per combination of limits; the colour is logarithmic. With ' + data.runs + (data.runs === 1 ? ' start' : ' starts') + ' a cell the P99 is its slowest start; one that did not answer is slower than any, and grey.');
  draw(made, memories.length * 56 + 120, 'Heat map of P99 by limits', c => {
    const values = cells.filter(x => x.p99.value !== null).map(x => Math.log2(x.p99.value / 1e6));
    const low = values.length ? Math.min(...values) : 0, high = Math.max(low + 0.5, ...values);
    return {
      grid: { left: 110, right: 20, top: 10, bottom: 100 },
      tooltip: tip(c, p => { const x = cells[p.value[3]]; return `<b>${named(x.cpu, 'no CPU limit')}, ${named(x.memory, 'no memory limit')}</b><br>P50 ${time(x.p50.value)}<br>P95 ${time(x.p95.value)}<br>P99 ${time(x.p99.value)}<br>throttled ${millis(x.throttled)}`; }),
      xAxis: axis(c, { type: 'category', data: cpus.map(x => named(x, 'no limit')), name: 'CPU', nameLocation: 'middle', nameGap: 26, splitLine: { show: false } }),
      yAxis: axis(c, { type: 'category', data: memories.map(x => named(x, 'no limit')), name: 'memory', nameLocation: 'middle', nameRotate: 90, nameGap: 72, splitLine: { show: false } }),
      visualMap: { min: low, max: high, dimension: 2, orient: 'horizontal', left: 110, bottom: 4, itemWidth: 12, itemHeight: 220, calculable: true,
        inRange: { color: c.heat }, textStyle: { color: c.soft }, formatter: v => duration(2 ** v) },
      series: [{ type: 'heatmap', data: cells.map((x, i) => ({ value: [cpus.indexOf(x.cpu), memories.indexOf(x.memory), x.p99.value !== null ? Math.log2(x.p99.value / 1e6) : high, i],
        ...(x.p99.value === null ? { visualMap: false, itemStyle: { color: c.soft } } : {}) })),
        label: { show: true, color: c.text, backgroundColor: c.paper, padding: [5, 8], borderRadius: 4,
          formatter: p => { const x = cells[p.value[3]]; return time(x.p99.value); } },
        itemStyle: { borderColor: c.paper, borderWidth: 3 } }] };
  });
}

function bars() {
  const made = section('Median, its interval, and the time throttled', 'Bars are medians; the whiskers hold the true median with 95 % or as much as so few starts allow. None where a start that did not answer is in their place. Throttled: the median time that processors stood still, added up.');
  const names = cells.map(x => named(x.cpu, 'no CPU limit') + '\n' + named(x.memory, 'no memory limit'));
  draw(made, 340, 'Medians with intervals', c => ({
    legend: { textStyle: { color: c.soft }, data: ['median', 'throttled'], top: 0 },
    grid: { left: 80, right: 20, top: 36, bottom: 60 },
    tooltip: tip(c, p => `${names[p.dataIndex].replace('\n', ', ')}<br>${p.seriesName}: ${duration(Array.isArray(p.value) ? p.value[3] : p.value)}`),
    xAxis: axis(c, { type: 'category', data: names, splitLine: { show: false }, axisLabel: { color: c.soft, lineHeight: 16 } }),
    yAxis: axis(c, { type: 'value', axisLabel: { color: c.soft, formatter: duration } }),
    series: [
      { type: 'bar', name: 'median', data: cells.map(x => x.p50.value === null ? null : x.p50.value / 1e6), barMaxWidth: 60 },
      { type: 'bar', name: 'throttled', data: cells.map(x => x.throttled / 1e6), barMaxWidth: 60, itemStyle: { color: c.series[3], opacity: 0.7 } },
      { type: 'custom', name: 'interval', z: 5, data: cells.map((x, i) => [i, x.p50.low / 1e6, x.p50.high / 1e6, x.p50.value / 1e6]).filter(d => cells[d[0]].p50.high !== null), encode: { x: 0, y: [1, 2] },
        renderItem: (params, api) => {
          const low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)]);
          const width = Math.min(60, api.size([1, 0])[0] * 0.4), x = low[0] - width * 0.58, style = { stroke: c.text, lineWidth: 1.5 };
          return { type: 'group', children: [
            { type: 'line', shape: { x1: x, x2: x, y1: low[1], y2: high[1] }, style },
            { type: 'line', shape: { x1: x - 5, x2: x + 5, y1: low[1], y2: low[1] }, style },
            { type: 'line', shape: { x1: x - 5, x2: x + 5, y1: high[1], y2: high[1] }, style }] };
        } }] }));
}

function figures() {
  const made = section('Figures', 'Intervals by order statistics, without a view on the shape of the distribution. Time throttled is added up over processors: it can be more than a start took.');
  // the interval below its quantile: side by side three of them are wider than the page
  const whole = text => text.replaceAll(' ', '\u00a0'); // lines break between figures
  const quantile = q => element('td', {}, time(q.value), element('small', {}, q.low === q.high ? '' : `${whole(time(q.low))} to ${whole(time(q.high))}` + (q.confidence < 0.95 ? `, ${whole(Math.round(q.confidence * 100) + ' % sure')}` : '')));
  table(made, ['CPU', 'memory', 'answered', 'P50', 'P95', 'P99', 'throttled', 'failed'], cells.map(x => [
    named(x.cpu, 'no limit'), named(x.memory, 'no limit'), `${x.values.length} of ${x.values.length + x.failed}`, quantile(x.p50), quantile(x.p95), quantile(x.p99), millis(x.throttled),
    x.failed ? `${x.failed} (${x.killed} for want of memory)` : '0']));
}
