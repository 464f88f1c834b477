package app

// queryCopied in the address says that the previous page saved a copy. It is removed
// as soon as the status says it.
const queryCopied = "copied"

// showArrivalStatus reports what the previous page did.
func (p *credentialsPage) showArrivalStatus() {
	deleted := p.document.TakeNote() // the name of a credential
	switch {
	case deleted != "" && p.list != nil:
		p.setStatus(p.say("deleted", deleted), nil)
	case p.document.Take(queryCopied) && p.detail != nil && !p.detail.deleted:
		p.setStatus(p.say("copied.here", p.detail.credential.Name), nil)
	}
}
