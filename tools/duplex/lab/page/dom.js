// Small helpers: elements, SVG, numbers with their units.

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Text given as a child is text, never markup: what comes from others is safe here.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

export const byId = (id) => document.getElementById(id);

// Three significant digits, as the program's own reports have them.
function significant(value) {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

export function milliseconds(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return `${significant(value / 1000)} s`;
  return value < 1 ? `${significant(value * 1000)} µs` : `${significant(value)} ms`;
}

export function bytes(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 2 ** 20) return `${significant(value / 2 ** 20)} MiB`;
  return value >= 2 ** 12 ? `${significant(value / 2 ** 10)} KiB` : `${significant(value)} B`;
}

export const number = (value) => (Number.isFinite(value) ? significant(value) : '–');
export const share = (value) => (Number.isFinite(value) ? `${significant(value * 100)} %` : '–');

// Bytes before each TCP segment from this address.
export const ipHeaderSize = (address) => (address?.includes(':') ? 40 : 20);

// The value of a colour of the style sheet, for canvases.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const wantsLessMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export const lanes = [
  { key: 'ws', name: 'WebSocket' },
  { key: 'sse', name: 'Server-Sent Events' },
  { key: 'lp', name: 'long polling' },
  { key: 'sp', name: 'short polling' },
];

// The head of a table's row that speaks of a lane.
export function laneHead(lane) {
  return element('th', { scope: 'row', class: lane.key }, element('span', { class: 'swatch' }),
    lane.name);
}
