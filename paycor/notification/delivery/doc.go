// Package delivery tells channels what happened: it makes messages of the events that are
// due, and delivers them with retries. A delivery is at least once: it is stored before it
// is made, and a process that is killed in between leaves it to the next one. Package
// channels manages the channels.
package delivery
