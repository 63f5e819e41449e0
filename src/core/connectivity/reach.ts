/**
 * Who reaches more ping nodes is the better place for services: the one rule of ipfail and of node health. A network that is gone for everybody is
 * no reason to move anything.
 */
export function compareReach(ours: number, theirs: number): "more" | "fewer" | "same" {
  return ours > theirs ? "more" : ours < theirs ? "fewer" : "same";
}
