package store

// MaxMessage is the size of the largest message of a Messenger, in bytes.
const MaxMessage = 7 << 10

// Messenger is a Store that carries messages between the processes that serve from it.
type Messenger interface {
	// Send sends a message to the other processes that serve. It does not block. A message
	// may be lost, and those who receive are told that some may be.
	Send(message []byte)

	// Receive registers the function that is called with each message of another process,
	// and with nil if some may have been lost. The function must not block.
	Receive(each func(message []byte))

	// Replicas returns how many processes serve, this one included, as far as is known. It
	// asks no database.
	Replicas() int
}
