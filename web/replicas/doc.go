// Package replicas tests several processes of the program on one PostgreSQL database,
// behind a balancer that sends each request to another one. They are killed, and so is
// PostgreSQL. The package has no code of its own.
package replicas
