package app

// What a page says of what was done on the one before. The address carries
// only that something was done, and keeps it no longer than it takes to say it.
const (
	queryDeleted = "deleted"
	queryCopied  = "copied"
)

// greet says what was done on the page before.
func (p *Page) greet() {
	switch {
	case p.document.Take(queryDeleted) && p.list != nil:
		p.tell(say("deleted"), nil)
	case p.document.Take(queryCopied) && p.own != nil && !p.own.gone:
		p.tell(say("copied.here", p.own.credential.Name), nil)
	}
}
