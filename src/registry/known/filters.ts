// Filters and services that HAProxy 3.5 knows (manual 9, 4.4 use-service, 4.2 filter).

export const FILTERS = `
  bwlim-in bwlim-out cache comp-req comp-res compression fcgi-app opentracing spoe trace
`;

export const SERVICES = 'prometheus-exporter';
