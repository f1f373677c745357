//! All packs and loose objects of a repository, and who reads from them: each thread has a reader of its own.

use super::ObjectName;
use super::delta;
use super::inflate::Inflater;
use super::object::{Fault, Object, ObjectKind};
use super::pack::{Form, Pack, PackFile};
use crate::limits::{MOST_DELTAS, MOST_OBJECT_WORK, MOST_OF_OBJECT, MOST_PACK_KEPT};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// The file of a loose object as it is stored, if there is one.
pub type Loose = dyn Fn(&ObjectName) -> Option<Vec<u8>> + Send + Sync;

/// How many of the last objects are found by their names, and how many bytes each may have.
const LAST_NAMES: usize = 2048;
const LARGEST_OF_LAST: usize = 32 << 10;

/// Where the objects of a repository are.
pub struct Store {
    packs: Vec<Pack>,
    loose: Box<Loose>,
    /// The length of a name.
    hash: usize,
    kept: u64,
}

/// A place in a pack.
type Seat = (usize, u64);

impl Store {
    /// A store without packs, whose objects have names of that many bytes.
    pub fn new(hash: usize, loose: Box<Loose>) -> Store {
        Store { packs: Vec::new(), loose, hash, kept: 0 }
    }

    /// Adds a pack; says whether it is one that we can read.
    pub fn add(&mut self, file: Box<dyn PackFile>, index: Vec<u8>) -> bool {
        let kept = self.kept.saturating_add(file.length());
        let Some(pack) = Pack::new(file, index, self.hash, kept <= MOST_PACK_KEPT) else { return false };
        if kept <= MOST_PACK_KEPT {
            self.kept = kept;
        }
        self.packs.push(pack);
        true
    }

    /// A reader that remembers so many bytes of objects, because others are likely to be made of them.
    pub fn reader(&self, most_remembered: usize) -> Reader<'_> {
        Reader {
            store: self,
            inflater: Inflater::new(),
            entry: Vec::new(),
            remembered: HashMap::new(),
            order: VecDeque::new(),
            size: 0,
            most_remembered,
            last: 0,
            named: vec![None; LAST_NAMES],
        }
    }

    /// Sorts names so that each object comes soon behind the one it is made of. The second part is equal for what is
    /// made of one object, and no name is left out.
    pub fn in_order(&self, names: &[ObjectName]) -> Vec<(usize, usize)> {
        let mut families = Families::default();
        let (mut entry, mut packed, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = 0;
        for (number, name) in names.iter().enumerate() {
            match self.seats(name, last).next() {
                Some(seat) => {
                    last = seat.0;
                    packed.push((families.member(self, seat, &mut entry), number));
                }
                None => others.push(number),
            }
        }
        let ranks = families.ranks();
        let mut order: Vec<(usize, usize, usize)> = packed
            .into_iter()
            .map(|(member, number)| {
                let (family, rank) = ranks[member];
                (family, rank, number)
            })
            .collect();
        order.sort_unstable();
        let order = order.into_iter().map(|(family, _, number)| (number, family));
        order.chain(others.into_iter().map(|number| (number, usize::MAX))).collect()
    }

    /// Everywhere a name is packed, the pack that is named first.
    fn seats<'a>(&'a self, name: &'a ObjectName, first: usize) -> impl Iterator<Item = Seat> + 'a {
        let packs = [first].into_iter().chain((0..self.packs.len()).filter(move |&pack| pack != first));
        packs.filter_map(|pack| Some((pack, self.packs.get(pack)?.index.find(name)?)))
    }
}

/// Which entry is made of which.
#[derive(Default)]
struct Families {
    members: HashMap<Seat, usize>,
    seats: Vec<Seat>,
    bases: Vec<Option<usize>>,
}

impl Families {
    /// The number of an entry; what it is made of gets one too.
    fn member(&mut self, store: &Store, seat: Seat, entry: &mut Vec<u8>) -> usize {
        let next = self.seats.len();
        let first = *self.members.entry(seat).or_insert(next);
        let (pack, mut place, mut member) = (&store.packs[seat.0], seat.1, first);
        // One that is known has been followed; so a circle ends too.
        while member == self.seats.len() {
            self.seats.push((seat.0, place));
            self.bases.push(None);
            let Some(base) = pack.head(place, entry).and_then(|head| pack.base(head.form)) else { break };
            let next = self.seats.len();
            let base_member = *self.members.entry((seat.0, base)).or_insert(next);
            self.bases[member] = Some(base_member);
            (place, member) = (base, base_member);
        }
        first
    }

    /// For each its family and its rank, behind that of its base.
    fn ranks(&self) -> Vec<(usize, usize)> {
        let mut made: Vec<Vec<usize>> = vec![Vec::new(); self.seats.len()];
        let mut todo = Vec::new();
        let mut by_seat: Vec<usize> = (0..self.seats.len()).collect();
        // What is taken from the end comes first.
        by_seat.sort_unstable_by_key(|&member| std::cmp::Reverse(self.seats[member]));
        for member in by_seat {
            match self.bases[member] {
                Some(base) => made[base].push(member),
                None => todo.push((member, member)),
            }
        }
        // Those of a circle are behind no beginning, and keep what they are given here.
        let mut ranks = vec![(usize::MAX, 0); self.seats.len()];
        let mut roots = HashMap::new();
        let mut rank = 0;
        while let Some((member, root)) = todo.pop() {
            let next = roots.len();
            let family = *roots.entry(root).or_insert(next);
            ranks[member] = (family, rank);
            rank += 1;
            todo.extend(made[member].iter().map(|&made| (made, root)));
        }
        ranks
    }
}

/// Reads objects, and remembers the last ones.
pub struct Reader<'a> {
    store: &'a Store,
    inflater: Inflater,
    entry: Vec<u8>,
    remembered: HashMap<Seat, Rc<Object>>,
    order: VecDeque<Seat>,
    size: usize,
    most_remembered: usize,
    /// The pack that had the last one: it is likely to have the next.
    last: usize,
    /// The last objects, each at the place that its name gives it: a folder is asked for twice, as what a commit made and
    /// as what the next one found.
    named: Vec<Option<(ObjectName, Rc<Object>)>>,
}

impl Reader<'_> {
    /// Reads an object.
    pub fn read(&mut self, name: &ObjectName) -> Result<Rc<Object>, Fault> {
        let [first, second, ..] = *name.as_bytes() else { return Err(Fault::Missing) };
        let slot = (usize::from(first) << 8 | usize::from(second)) % LAST_NAMES;
        if let Some((last, object)) = &self.named[slot]
            && last == name
        {
            return Ok(object.clone());
        }
        let object = self.find(name)?;
        if object.bytes.len() <= LARGEST_OF_LAST {
            self.named[slot] = Some((*name, object.clone()));
        }
        Ok(object)
    }

    fn find(&mut self, name: &ObjectName) -> Result<Rc<Object>, Fault> {
        let store = self.store;
        let mut fault = Fault::Missing;
        for (pack, place) in store.seats(name, self.last) {
            match self.unpack(pack, place) {
                Err(wrong) if wrong != Fault::Large => fault = wrong,
                read => {
                    self.last = pack;
                    return read;
                }
            }
        }
        match (store.loose)(name) {
            Some(packed) => Ok(Rc::new(self.loose(&packed)?)),
            None => Err(fault),
        }
    }

    /// Reads what begins there: back to what is whole or remembered, and then forth again.
    fn unpack(&mut self, number: usize, place: u64) -> Result<Rc<Object>, Fault> {
        let pack = &self.store.packs[number];
        let (mut links, mut at) = (Vec::new(), place);
        let mut object = loop {
            if let Some(known) = self.remembered.get(&(number, at)) {
                break known.clone();
            }
            let head = pack.head(at, &mut self.entry).ok_or(Fault::Damaged)?;
            let is_large = head.size > MOST_OF_OBJECT as u64;
            match head.form {
                // What is wanted may be small, although this is not: git may know.
                _ if is_large && !links.is_empty() => return Err(Fault::Damaged),
                Form::Whole(_) if is_large => return Err(Fault::Large),
                _ if is_large => return Err(Fault::Damaged),
                Form::Whole(kind) => {
                    let packed = pack.packed(at, head, &mut self.entry).ok_or(Fault::Damaged)?;
                    let made = self.inflater.whole(packed, head.size as usize);
                    let bytes = made.ok_or(Fault::Damaged)?.to_vec();
                    break self.remember((number, at), Object { kind, bytes });
                }
                form => {
                    links.push((at, head));
                    if links.len() > MOST_DELTAS {
                        return Err(Fault::Endless);
                    }
                    at = pack.base(form).ok_or(Fault::Damaged)?;
                }
            }
        };
        let mut work = 0;
        for &(at, head) in links.iter().rev() {
            let packed = pack.packed(at, head, &mut self.entry).ok_or(Fault::Damaged)?;
            let delta = self.inflater.whole(packed, head.size as usize).ok_or(Fault::Damaged)?;
            let (_, length, _) = delta::lengths(delta).ok_or(Fault::Damaged)?;
            if length > MOST_OF_OBJECT {
                return Err(if at == place { Fault::Large } else { Fault::Damaged });
            }
            work += length + head.size as usize;
            if work > MOST_OBJECT_WORK {
                return Err(Fault::Endless);
            }
            let bytes = delta::apply(&object.bytes, delta).ok_or(Fault::Damaged)?;
            object = self.remember((number, at), Object { kind: object.kind, bytes });
        }
        Ok(object)
    }

    fn remember(&mut self, seat: Seat, object: Object) -> Rc<Object> {
        let object = Rc::new(object);
        self.size += object.bytes.len();
        self.remembered.insert(seat, object.clone());
        self.order.push_back(seat);
        while self.size > self.most_remembered
            && let Some(oldest) = self.order.pop_front()
        {
            self.size -= self.remembered.remove(&oldest).map_or(0, |object| object.bytes.len());
        }
        object
    }

    /// `blob 12`, a NUL and the content, packed as one.
    fn loose(&mut self, packed: &[u8]) -> Result<Object, Fault> {
        let mut head = [0; 32];
        let length = self.inflater.head(packed, &mut head).ok_or(Fault::Damaged)?;
        let (kind, size, start) = loose_head(&head[..length]).ok_or(Fault::Damaged)?;
        if size > MOST_OF_OBJECT as u64 {
            return Err(Fault::Large);
        }
        let made = self.inflater.whole(packed, start + size as usize);
        Ok(Object { kind, bytes: made.ok_or(Fault::Damaged)?[start..].to_vec() })
    }
}

fn loose_head(head: &[u8]) -> Option<(ObjectKind, u64, usize)> {
    let end = memchr::memchr(0, head)?;
    let space = memchr::memchr(b' ', &head[..end])?;
    let word = |part| std::str::from_utf8(part).ok();
    let size = word(&head[space + 1..end])?;
    if !size.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((ObjectKind::of_word(word(&head[..space])?)?, size.parse().ok()?, end + 1))
}
