// Package incidents decides what may happen to a data incident.
//
// It knows phases, triage, containment, calls, the numbers of the state table
// and the people. It knows no Slack, no SQL and no clock: callers pass the
// instant and store the outcome. Each decision returns the changed value and
// the facts that happened, or a refusal in words.
//
// It also holds the one encoder whose bytes are hashed, because the journal
// and the plan digest must agree on them.
package incidents
