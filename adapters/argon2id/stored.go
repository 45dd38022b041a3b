package argon2id

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// The bounds of what a stored hash may ask for. MaxWorkKiB bounds memory times
// passes: 4 GiB, about 3 s on one core.
const (
	MaxMemoryKiB  = 1 << 20
	MaxIterations = 64
	MaxWorkKiB    = 4 << 20
	MaxBcryptCost = 15

	minBcryptCost  = 4
	bcryptLength   = 60
	minSaltBytes   = 8 // RFC 9106, section 3.1
	minKeyBytes    = 16
	maxSaltOrKey   = 64
	maxStoredBytes = 256
)

// The reasons why a stored hash is refused. They never hold a part of it.
var (
	errUnknownFormat = errors.New("not a hash of a known kind")
	errDamaged       = errors.New("the hash is damaged")
	errIterations    = errors.New("the iterations are not between 1 and 64")
	errParallelism   = errors.New("the parallelism is not between 1 and 255")
	errMemory        = errors.New("the memory is not between 8 KiB for each lane and 1 GiB")
	errWork          = errors.New("memory times iterations is over 4 GiB")
	errBcryptCost    = errors.New("the bcrypt cost is not between 4 and 15")
)

// variant is the algorithm that made a stored hash.
type variant int

const (
	variantArgon2id variant = iota + 1
	variantArgon2i
	variantBcrypt
)

// cost is what an Argon2 hash takes, within the bounds.
type cost struct {
	memoryKiB, iterations uint32
	parallelism           uint8
}

// stored is a hash that was read and found within the bounds.
type stored struct {
	variant   variant
	cost      cost   // not of bcrypt
	salt, key []byte // not of bcrypt
}

// newCost checks the parameters of Argon2.
func newCost(memoryKiB, iterations, parallelism uint32) (cost, error) {
	switch {
	case iterations < 1 || iterations > MaxIterations:
		return cost{}, errIterations
	case parallelism < 1 || parallelism > 255:
		return cost{}, errParallelism
	case memoryKiB < 8*parallelism || memoryKiB > MaxMemoryKiB:
		return cost{}, errMemory
	case uint64(memoryKiB)*uint64(iterations) > MaxWorkKiB:
		return cost{}, errWork
	}
	return cost{memoryKiB, iterations, uint8(parallelism)}, nil
}

// parseStored reads a stored hash. It does no work that grows with what the
// hash asks for.
func parseStored(s string) (stored, error) {
	switch {
	case len(s) > maxStoredBytes:
		return stored{}, errUnknownFormat
	case strings.HasPrefix(s, "$argon2id$"):
		return parseArgon2(variantArgon2id, strings.TrimPrefix(s, "$argon2id$"))
	case strings.HasPrefix(s, "$argon2i$"):
		return parseArgon2(variantArgon2i, strings.TrimPrefix(s, "$argon2i$"))
	case strings.HasPrefix(s, "$2a$"), strings.HasPrefix(s, "$2b$"), strings.HasPrefix(s, "$2y$"):
		return parseBcrypt(s)
	}
	return stored{}, errUnknownFormat
}

// parseArgon2 reads v=19$m=…,t=…,p=…$salt$key: the fields in this order and no
// others, numbers without sign or leading zero, canonical base64 without
// padding.
func parseArgon2(v variant, s string) (stored, error) {
	part := strings.Split(s, "$")
	if len(part) != 4 || part[0] != "v=19" {
		return stored{}, errDamaged
	}
	fields := strings.Split(part[1], ",")
	if len(fields) != 3 {
		return stored{}, errDamaged
	}
	var numbers [3]uint32
	for i, name := range [3]string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], name)
		if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && len(digits) > 1) {
			return stored{}, errDamaged
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			return stored{}, errDamaged
		}
		numbers[i] = uint32(n)
	}
	c, err := newCost(numbers[0], numbers[1], numbers[2])
	if err != nil {
		return stored{}, err
	}
	salt, err := decode(part[2], minSaltBytes)
	if err != nil {
		return stored{}, err
	}
	key, err := decode(part[3], minKeyBytes)
	if err != nil {
		return stored{}, err
	}
	return stored{variant: v, cost: c, salt: salt, key: key}, nil
}

func decode(s string, atLeast int) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // encoding/base64 skips them.
		return nil, errDamaged
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < atLeast || len(b) > maxSaltOrKey {
		return nil, errDamaged
	}
	return b, nil
}

// parseBcrypt checks $2b$12$ and 53 characters of salt and key.
func parseBcrypt(s string) (stored, error) {
	if len(s) != bcryptLength || s[6] != '$' {
		return stored{}, errDamaged
	}
	tens, ones := s[4]-'0', s[5]-'0'
	if tens > 9 || ones > 9 {
		return stored{}, errDamaged
	}
	if n := tens*10 + ones; n < minBcryptCost || n > MaxBcryptCost {
		return stored{}, errBcryptCost
	}
	for _, c := range []byte(s[7:]) {
		if c != '.' && c != '/' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return stored{}, errDamaged
		}
	}
	return stored{variant: variantBcrypt}, nil
}
