"""Posts of Sourcefabric's Live Blog, told as our journal."""
