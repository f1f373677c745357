//! The only room with doors to the outside: arguments, disk, environment, terminal. Knows no format and no rule.
