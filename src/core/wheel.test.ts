import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { TimerOperation } from '../reactor/reactor.ts';
import { TimerWheel } from './wheel.ts';

class Alarm extends TimerOperation {
  rang = 0;
  override onTimeout(): void {
    this.rang++;
  }
}

test('a cleared timer stays in its bucket until its time, a forgotten one leaves at once', () => {
  const wheel = new TimerWheel(1000);
  const [first, middle, last] = [new Alarm(), new Alarm(), new Alarm()];
  for (const alarm of [first, middle, last]) wheel.at(61_000, alarm);
  wheel.clear(first);
  strictEqual(wheel.count, 3);
  wheel.forget(middle);
  strictEqual(wheel.count, 2);
  wheel.forget(middle);
  wheel.forget(first);
  strictEqual(wheel.count, 1);
  wheel.at(61_000, middle);
  wheel.advance(61_000);
  strictEqual(`${first.rang} ${middle.rang} ${last.rang}`, '0 1 1');
  strictEqual(wheel.count, 0);
});

test('a timer may forget another one that is due in the same millisecond', () => {
  const wheel = new TimerWheel(0);
  const second = new Alarm();
  const first = new Alarm();
  first.onTimeout = (): void => wheel.forget(second);
  wheel.at(5, first);
  wheel.at(5, second);
  wheel.advance(10);
  strictEqual(second.rang, 0);
  strictEqual(wheel.count, 0);
});
