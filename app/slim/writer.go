package main

import "encoding/binary"

// writer writes the blocks of a function.
type writer struct {
	*function
	code    []byte
	current bool // local 0 is the number of the current block
}

// block writes a block.
func (w *writer) block(n int) {
	b := &w.blocks[n]
	if n > 0 && b.kept {
		w.code = append(w.code, opEnd)
		// Behind a call, local 0 is the return address.
		w.current = w.blocks[n-1].call != none && !b.forward
	}
	inner := 0
	for at := 0; at < len(b.code); at++ {
		this := b.code[at]
		if this.is(opIf, voidBlock) && at+4 < len(b.code) && b.code[at+4].is(opEnd) {
			if value, ok := w.dispatch.jump(b.code[at+1:], n, inner+1); ok {
				w.jump(opBrIf, n, w.dispatch.target(value), inner)
				at += 4
				continue
			}
		}
		if value, ok := w.dispatch.jump(b.code[at:], n, inner); ok {
			w.jump(opBr, n, w.dispatch.target(value), inner)
			at += 2
			continue
		}
		if counter, ok := w.returnAddress(b.code, at); ok {
			w.address(b, counter, inner)
			continue
		}
		switch {
		case w.dispatch.unwinds(this, n, inner):
			w.code = append(w.code, opIf, voidBlock, opI32Const, 1, opReturn, opEnd)
		case this.op() == opLocalGet, this.op() == opLocalSet, this.op() == opLocalTee:
			w.code = binary.AppendUvarint(append(w.code, this.op()), uint64(newLocal(this.number())))
		default:
			w.code = append(w.code, this...)
		}
		inner += nesting(this)
	}
}

// newLocal returns the number of what was another local.
func newLocal(number int) int {
	switch number {
	case localResume:
		return localScratch
	case 1: // the stack pointer
		return 1
	}
	return number + newLocals
}

// jump writes a branch from a block to another. The condition for opBrIf is on the stack.
func (w *writer) jump(branch byte, from, to, inner int) {
	if to > from {
		w.code = binary.AppendUvarint(append(w.code, branch), uint64(inner+w.blocks[to].number-w.blocks[from].number-1))
		return
	}
	w.code = appendSigned(append(w.code, opI32Const), int32(w.blocks[to].number))
	w.code = append(w.code, opLocalSet, localResume, branch)
	w.code = binary.AppendUvarint(w.code, uint64(inner+w.last()-w.blocks[from].number))
	if branch == opBrIf {
		w.current = false // if the condition is false
	}
}

// address writes the return address of a call that has a program counter until now.
func (w *writer) address(b *block, counter, inner int) {
	w.code = append(w.code, opLocalGet, localBase)
	switch {
	case inner > 0 && counter == 0:
		// A larger stack lets the function begin again.
	case inner > 0:
		// A nil pointer ends the function. The trace has its name, for which each
		// program counter behind its beginning does.
		w.code = append(w.code, opI32Const, 1, opI32Or)
	case w.current:
		w.code = append(w.code, opLocalGet, localResume, opI32Const, 1, opI32Add, opLocalTee, localResume, opI32Or)
	default:
		w.code = appendSigned(append(w.code, opI32Const), int32(b.number+1))
		w.code = append(w.code, opLocalTee, localResume, opI32Or)
	}
	w.code = append(w.code, opI64ExtendU)
}
