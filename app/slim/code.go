package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Opcodes of the WebAssembly binary format.
const (
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opGlobalGet    = 0x23
	opMisc         = 0xfc

	voidBlock = 0x40 // the type of a block without parameters and results
)

// instruction is an instruction with its immediates.
type instruction []byte

func (i instruction) op() byte { return i[0] }

// number returns the first immediate as an unsigned number.
func (i instruction) number() int {
	number, _ := binary.Uvarint(i[1:])
	return int(number)
}

func (i instruction) is(code ...byte) bool { return slices.Equal(i, code) }

// withJumps returns the body of the code section with other jumps in its functions.
//
// Go has no structured control flow to tell the linker, so each function is a loop around
// a br_table: a jump stores the number of a block in local 0 and branches to the loop,
// which dispatches. Most jumps go forward, to a block that ends further down, and can
// branch there. That is smaller and faster.
//
// After each call, the function branches to its end if the goroutine has to be switched.
// How many blocks that leaves is another number at each call, which does not compress. A
// return is longer and the same everywhere.
func withJumps(section []byte) ([]byte, error) {
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, errWasm
	}
	written := binary.AppendUvarint(nil, count)
	section = section[n:]
	for range count {
		size, n := binary.Uvarint(section)
		if n <= 0 || size > uint64(len(section)-n) {
			return nil, errWasm
		}
		body := section[n : n+int(size)]
		section = section[n+int(size):]
		start, err := skipLocals(body)
		if err != nil {
			return nil, err
		}
		code, err := decode(body[start:])
		if err != nil {
			return nil, err
		}
		if shorter, ok := rewriteJumps(code); ok {
			body = append(slices.Clone(body[:start]), shorter...)
		}
		written = append(binary.AppendUvarint(written, uint64(len(body))), body...)
	}
	if len(section) > 0 {
		return nil, errWasm
	}
	return written, nil
}

// dispatch is the beginning of a function that has blocks to resume at (preprocess in
// cmd/internal/obj/wasm). Block n begins behind the end of the nth of the open blocks.
type dispatch struct {
	start  int   // index of the first instruction behind it
	unwind bool  // all is in a block whose end returns 1
	loop   bool  // the blocks are in a loop
	blocks int   // how many blocks are open behind it
	table  []int // the block for each value of local 0, and for all others
}

// findDispatch reports whether code begins as the linker writes a function that has blocks
// to resume at.
func findDispatch(code []instruction) (d dispatch, ok bool) {
	at := 0
	next := func(wanted ...byte) bool {
		if at < len(code) && code[at].is(wanted...) {
			at++
			return true
		}
		return false
	}
	if next(opGlobalGet, 0) && !next(opLocalSet, 1) {
		return d, false
	}
	// The block for unwinding looks as the others do, but is outside of the loop and
	// has code behind its end.
	tail := len(code) - 3
	if tail > 0 && code[tail].is(opEnd) && code[tail+1].is(opI32Const, 1) && code[tail+2].is(opEnd) {
		if d.unwind = next(opBlock, voidBlock); !d.unwind {
			return d, false
		}
	}
	d.loop = next(opLoop, voidBlock)
	for next(opBlock, voidBlock) {
		d.blocks++
	}
	if d.blocks == 0 || !next(opLocalGet, 0) || at+1 >= len(code) || code[at].op() != opBrTable || !code[at+1].is(opEnd) {
		return d, false
	}
	numbers := code[at][1:]
	count, n := binary.Uvarint(numbers)
	for range count + 1 {
		numbers = numbers[n:]
		var block uint64
		block, n = binary.Uvarint(numbers)
		d.table = append(d.table, int(block))
	}
	d.blocks--
	d.start = at + 2
	return d, true
}

// target returns the block that the dispatch chooses for a value of local 0.
func (d dispatch) target(value int) int { return d.table[min(value, len(d.table)-1)] }

// rewriteJumps returns the code of a function with other jumps. It reports false if
// the linker wrote it in another form.
func rewriteJumps(code []instruction) (written []byte, ok bool) {
	d, ok := findDispatch(code)
	if !ok {
		return nil, false
	}
	for i, instruction := range code[:d.start] {
		if first := i == 0 || code[i-1].op() != opBlock && code[i-1].op() != opLoop; first && d.unwind && instruction.op() == opBlock {
			continue // nothing branches to its end any more
		}
		written = append(written, instruction...)
	}
	passed, inner := 0, 0 // blocks that ended, and those that are open inside of the current one
	// jump writes a branch to the block for a value of local 0.
	jump := func(branch byte, value instruction, inner int) {
		if block := d.target(value.number()); block > passed {
			written = binary.AppendUvarint(append(written, branch), uint64(inner+block-passed-1))
			return
		}
		written = append(append(written, value...), opLocalSet, 0)
		written = binary.AppendUvarint(append(written, branch), uint64(inner+d.blocks-passed))
	}
	// isJump reports whether code begins with a jump by the loop.
	isJump := func(code []instruction, inner int) bool {
		return d.loop && len(code) > 3 && code[0].op() == opI32Const && code[1].is(opLocalSet, 0) &&
			code[2].op() == opBr && code[2].number() == inner+d.blocks-passed
	}
	at := d.start
	for ; at < len(code) && (passed < d.blocks || inner > 0 || code[at].op() != opEnd); at++ {
		this := code[at]
		switch {
		case this.is(opIf, voidBlock) && isJump(code[at+1:], inner+1) && code[at+4].is(opEnd):
			// The condition is on the stack. If it is false, local 0 has a value that is not read.
			jump(opBrIf, code[at+1], inner)
			at += 4
			continue
		case isJump(code[at:], inner):
			jump(opBr, this, inner)
			at += 2
			continue
		case d.unwind && this.op() == opBrIf && this.number() == d.unwindDepth(passed, inner):
			written = append(written, opIf, voidBlock, opI32Const, 1, opReturn, opEnd)
			continue
		case d.unwind && this.op() == opBr && this.number() == d.unwindDepth(passed, inner):
			return nil, false
		case this.op() == opBlock || this.op() == opLoop || this.op() == opIf:
			inner++
		case this.op() == opEnd && inner > 0:
			inner--
		case this.op() == opEnd:
			passed++
		}
		written = append(written, this...)
	}
	tail := code[at:]
	if d.unwind {
		if len(tail) < 3 {
			return nil, false
		}
		tail = append(slices.Clone(tail[:len(tail)-3]), instruction{opEnd})
	}
	for _, instruction := range tail {
		written = append(written, instruction...)
	}
	return written, true
}

// unwindDepth returns how many blocks a branch leaves that unwinds the stack.
func (d dispatch) unwindDepth(passed, inner int) int {
	depth := inner + d.blocks - passed
	if d.loop {
		depth++
	}
	return depth
}

// skipLocals returns where the code of a function begins in its body.
func skipLocals(body []byte) (int, error) {
	groups, at := binary.Uvarint(body)
	for range groups {
		_, n := binary.Uvarint(body[min(at, len(body)):])
		if n <= 0 {
			return 0, errWasm
		}
		at += n + 1
	}
	if at <= 0 || at > len(body) {
		return 0, errWasm
	}
	return at, nil
}

// decode divides the code of a function into its instructions.
func decode(code []byte) (list []instruction, err error) {
	defer func() {
		if recover() != nil { // an instruction is cut
			err = fmt.Errorf("%w: its code ends in an instruction", errWasm)
		}
	}()
	for len(code) > 0 {
		n := 1
		numbers := func(count int) {
			for range count {
				for code[n]&0x80 != 0 {
					n++
				}
				n++
			}
		}
		switch op := code[0]; {
		case op == opBlock || op == opLoop || op == opIf, op == 0x3f || op == 0x40, op == 0xd0: // a type, a memory
			n++
		case op == opBr || op == opBrIf || op == opCall || op >= opLocalGet && op <= 0x26, op == opI32Const || op == 0x42:
			numbers(1)
		case op == opBrTable:
			count, _ := binary.Uvarint(code[1:])
			numbers(int(min(count, uint64(len(code)))) + 2) // a table is not longer than the code
		case op == opCallIndirect || op >= 0x28 && op <= 0x3e: // a type and a table, an alignment and an offset
			numbers(2)
		case op == 0x43: // f32.const
			n += 4
		case op == 0x44: // f64.const
			n += 8
		case op == opMisc:
			kind, _ := binary.Uvarint(code[1:])
			switch {
			case kind <= 7: // saturating truncation
				numbers(1)
			case kind == 10: // memory.copy
				numbers(3)
			case kind == 11: // memory.fill
				numbers(2)
			default:
				return nil, fmt.Errorf("%w: it has the instruction fc %d", errWasm, kind)
			}
		case op <= 0x05 || op == opEnd || op == opReturn || op == 0x1a || op == 0x1b || op >= 0x45 && op <= 0xc4:
		default:
			return nil, fmt.Errorf("%w: it has the instruction %x", errWasm, op)
		}
		list, code = append(list, instruction(code[:n:n])), code[n:]
	}
	return list, nil
}
