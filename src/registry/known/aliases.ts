// Aliases of log formats that HAProxy 3.5 knows, without their percent sign (manual 8.2.6).

export const LOG_ALIASES = `
  B CC CS H HM HP HPO HQ HU HV ID OG ST T TR Ta Tc Td Th Ti Tl Tq Tr Ts Tt Tu Tw U ac b bc bi bp bq ci cp
  f fc fi fp ft hr hrl hs hsl lc ms o pid r rc rt s sc si sp sq sslc sslv t tr trg trl ts tsc
`;
