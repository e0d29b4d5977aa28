package ledger

import (
	"context"
	"database/sql"
)

// session is one transaction with its prepared statements, which are closed
// with it.
type session struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
}

func newSession(ctx context.Context, tx *sql.Tx) session {
	return session{ctx, tx, map[string]*sql.Stmt{}}
}

func (s session) statement(text string) (*sql.Stmt, error) {
	if st, ok := s.prepared[text]; ok {
		return st, nil
	}
	st, err := s.tx.PrepareContext(s.ctx, text)
	if err == nil {
		s.prepared[text] = st
	}
	return st, err
}

func (s session) exec(text string, args ...any) error {
	st, err := s.statement(text)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(s.ctx, args...)
	return err
}

// row reads the one row that a query gives; sql.ErrNoRows without one.
func (s session) row(text string, into []any, args ...any) error {
	st, err := s.statement(text)
	if err != nil {
		return err
	}
	return st.QueryRowContext(s.ctx, args...).Scan(into...)
}
