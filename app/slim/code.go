package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Opcodes of the WebAssembly binary format.
const (
	opUnreachable  = 0x00
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
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opI64Store     = 0x37
	opI64Const     = 0x42
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI32Or        = 0x72
	opI64ExtendU   = 0xad
	opMisc         = 0xfc

	voidBlock = 0x40 // the type of a block without parameters and results
	typeI32   = 0x7f
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

// callCounters are the program counters that the calls of a function had, by the block of
// which each is at the end, for every function that is written again. A function has the
// number of its position in the code section.
type callCounters map[int][]int

// rewriteCode returns the body of the code section with smaller functions. It leaves
// those alone that are not compiled from Go, or that have nothing to resume at.
func rewriteCode(section []byte, compiled map[int]compiledFunction) ([]byte, callCounters, error) {
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, nil, errWasm
	}
	written, calls := binary.AppendUvarint(nil, count), callCounters{}
	section = section[n:]
	for number := range int(min(count, uint64(len(section)))) {
		size, n := binary.Uvarint(section)
		if n <= 0 || size > uint64(len(section)-n) {
			return nil, nil, errWasm
		}
		body := section[n : n+int(size)]
		section = section[n+int(size):]
		f, ok, err := readFunction(number, body)
		if err != nil {
			return nil, nil, err
		}
		if known, isCompiled := compiled[number]; ok && isCompiled {
			if err := f.numberBlocks(known.deferred); err != nil {
				return nil, nil, err
			}
			body, calls[number] = f.write(), f.calls()
		}
		written = append(binary.AppendUvarint(written, uint64(len(body))), body...)
	}
	if len(section) > 0 {
		return nil, nil, errWasm
	}
	return written, calls, nil
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
