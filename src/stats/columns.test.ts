import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { columns } from './columns.ts';
import { csvHeader, csvLine } from './csv.ts';
import { frontendRow, rowContext } from './fields.ts';
import { infoFields } from './info-fields.ts';
import { typedRow } from './typed.ts';
import { fakeView } from '../cli/fake.ts';

// The header of HAProxy 2.6 as captured, up to the delimiter.
const haproxy26 =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status';

test('columns start as those of HAProxy 2.6 and stand at the numbers of the manual', () => {
  const names = columns.map((one) => one.name);
  deepEqual(names.slice(0, haproxy26.split(',').length), haproxy26.split(','));
  equal(names[118], 'cache_hint_hits');
  equal(names[119], '-');
  equal(csvHeader.split(',').length, 129);
});

test('rows fill each format', () => {
  const view = fakeView(1);
  const proxy = view.proxies[0]!;
  const row = frontendRow(proxy, proxy.frontend!, rowContext(view));
  equal(csvLine(row).split(',').length, 129);
  equal(typedRow(row, false).split('\n')[2], 'F.2.0.4.scur.1:MGPV:u32:0');
});

test('positions of show info', () => {
  const at = new Map(infoFields.map((one) => [one.name, one.position]));
  equal(at.get('Tasks'), 47);
  equal(at.get('Tainted'), 71);
});
