// The face that connection and session rules see: a stream that has not begun. One for each plane is enough, because
// these rules run to their end at once.

import { TcpStream } from './tcp-stream.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Plane } from './plane.ts';
import type { Session } from './session.ts';

export class RuleContext extends TcpStream {
  private static readonly perPlane = new WeakMap<Plane, RuleContext>();

  static of(session: Session): RuleContext {
    let context = RuleContext.perPlane.get(session.plane);
    if (context === undefined) {
      context = new RuleContext(session.plane);
      RuleContext.perPlane.set(session.plane, context);
    }
    context.session = session;
    context.reset();
    return context;
  }

  /** tcp-request connection rules run: an address they set is the connection's own. */
  ofConnection = false;

  override setSource(address: Endpoint): void {
    if (this.ofConnection) this.session.replaceWireSource(address);
    else this.session.source = address;
  }

  override setDestination(address: Endpoint): void {
    if (this.ofConnection) this.session.replaceWireDestination(address);
    else this.session.destination = address;
  }

  override expectProxy(): void {
    this.session.expectsProxy = true;
  }
}
