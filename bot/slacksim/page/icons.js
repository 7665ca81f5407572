// The icons of the page, drawn with strokes on a grid of 20.

const shapes = {
  back: 'M12 4 6 10l6 6',
  close: 'M5 5l10 10M15 5 5 15',
  hash: 'M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13M3 12.5h13',
  lock: 'M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9',
  app: 'M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.8 12.8 16.5 16.5',
  send: 'M3 10 17 3.5 12 17l-2.5-5.5zM9.5 11.5 17 3.5',
  clip: 'M15 9.5 9.5 15a3.2 3.2 0 0 1-4.6-4.5L11 4.500a2.200 2.200 0 0 1 3.200 3.100L8.600 13.200a1.100 1.100 0 0 1-1.600-1.500L12 6.800',
  bolt: 'M11 2.500 4.500 11.500H9.500L8.500 17.500 15.500 8.500H10.500z',
  pulse: 'M2.500 10H6l2-5.500 4 11 2-5.500h3.500',
  sliders: 'M3 6h6M13 6h4M3 14h3M10 14h7M11 4.200v3.600M8 12.200v3.600',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  reply: 'M4 4.500h12v8.500H9.500L6 16v-3H4z',
  smile: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM7.500 8.200v.01M12.500 8.200v.01M7 11.800c1.600 2 4.400 2 6 0',
  pin: 'M7 3.500h6M8 3.500v5L6 11.500h8l-2-3v-5M10 11.500V17',
  bookmark: 'M6 3.500h8v13l-4-3-4 3z',
  file: 'M5.500 3h6l3.500 3.500V17h-9.500zM11.500 3v3.500H15',
  people: 'M7.500 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM3 16c0-3 2-4.500 4.500-4.500S12 13 12 16M13 9.500a2.200 2.200 0 1 0-.8-4.200M14 11.600c1.900.2 3 1.800 3 4.400',
  info: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM10 9v4.500M10 6.500v.01',
  eye: 'M2.500 10S5.500 5 10 5s7.500 5 7.500 5-3 5-7.500 5-7.500-5-7.500-5zM10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  down: 'M5 8l5 5 5-5',
  plug: 'M7 3v4M13 3v4M5 7h10v2.500a5 5 0 0 1-10 0zM10 14.500V17.500',
  link: 'M8.500 11.500a3 3 0 0 0 4.300 0l2.700-2.700a3 3 0 0 0-4.300-4.300l-1 1M11.500 8.500a3 3 0 0 0-4.300 0l-2.700 2.700a3 3 0 0 0 4.300 4.300l1-1',
  archive: 'M3.500 4.500h13v3.500h-13zM4.500 8v8h11V8M8.500 11h3',
  home: 'M3.500 9.500 10 4l6.500 5.500V16.500h-4v-4h-5v4h-4z',
};

const svg = 'http://www.w3.org/2000/svg';

// icon draws one. It says nothing: its button or its neighbour does.
export function icon(name) {
  const node = document.createElementNS(svg, 'svg');
  node.setAttribute('viewBox', '0 0 20 20');
  node.setAttribute('class', `icon icon-${name}`);
  node.setAttribute('aria-hidden', 'true');
  node.setAttribute('focusable', 'false');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[name] || shapes.info);
  node.append(path);
  return node;
}
